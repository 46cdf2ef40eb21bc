//! What the engine promises, sentence by sentence.

mod checking;
mod choosing;
mod compiling;
mod filling;
mod properties;

use super::{Filled, Generator, Schema, SchemaErrors};
use serde_json::Value;
use std::time::{Duration, UNIX_EPOCH};

fn schema(document: &Value) -> Schema {
    match Schema::compile(document) {
        Ok(schema) => schema,
        Err(errors) => panic!("{errors}\nin {document}"),
    }
}

fn refused(document: &Value) -> SchemaErrors {
    match Schema::compile(document) {
        Ok(_) => panic!("should be refused: {document}"),
        Err(errors) => errors,
    }
}

fn generator() -> Generator<'static> {
    Generator::seeded(7, UNIX_EPOCH + Duration::from_secs(1_700_000_000))
}

fn explained(document: &Value, mut instance: Value) -> (Value, Vec<Filled>) {
    let filled = schema(document).fill(&mut instance, &mut generator()).unwrap();
    (instance, filled)
}

fn filled(document: &Value, instance: Value) -> Value {
    explained(document, instance).0
}
