//! Fills and validates a document again and again: bytes in, bytes out.
//!
//! `fill SCHEMA DOCUMENT TIMES [RESULT]` writes nanoseconds a time, the median of ten parts, to
//! standard output, and the filled document to `RESULT`.
#![expect(clippy::print_stdout, reason = "the result of a program")]

use std::fs;
use std::io;
use std::time::{Instant, UNIX_EPOCH};

use add_defaults::schema::{Generator, Schema};
use serde_json::Value;

type Error = Box<dyn std::error::Error>;

const PARTS: u32 = 10;

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [schema, document, times, result @ ..] = arguments.as_slice() else {
        return Err("fill SCHEMA DOCUMENT TIMES [RESULT]".into());
    };
    let schema = Schema::compile(&serde_json::from_slice(&fs::read(schema)?)?)?;
    let document = fs::read(document)?;
    let times: u32 = times.parse()?;
    let mut filled = Vec::new();
    let mut parts = Vec::new();
    for _ in 0..PARTS {
        let started = Instant::now();
        for _ in 0..times.div_ceil(PARTS) {
            filled = fill(&schema, &document)?;
        }
        parts.push(started.elapsed().as_nanos() / u128::from(times.div_ceil(PARTS)));
    }
    parts.sort_unstable();
    println!("{}", parts[parts.len() / 2]);
    if let [result, ..] = result {
        fs::write(result, filled)?;
    }
    Ok(())
}

fn fill(schema: &Schema, document: &[u8]) -> Result<Vec<u8>, Error> {
    let mut value: Value = serde_json::from_slice(document)?;
    let filled = schema.fill_quietly(&mut value, &mut Generator::seeded(1, UNIX_EPOCH));
    assert!(filled.is_ok(), "the example can be filled");
    if !schema.is_valid(&value) {
        return Err(io::Error::other("the document is invalid").into());
    }
    Ok(serde_json::to_vec(&value)?)
}
