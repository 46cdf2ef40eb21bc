//! Tests of whole batches, and what they share.

mod deadlines;
mod outcomes;
mod properties;
pub(super) mod samples;
mod serving;

use std::time::Duration;

use serde_json::Value;

use self::samples::{Actor, event, start};
use super::memory::{BrokenVisibility, MemoryVisibility};
use super::*;

pub(super) type Tested = Processor<Actor, MemoryVisibility>;

pub(super) fn processor(visibility: MemoryVisibility, settings: Settings) -> Tested {
    Processor::new(Actor::default(), visibility, settings)
}

pub(super) fn settings(base: u64) -> Settings {
    let second = Duration::from_secs(1);
    let backoff = Backoff { base: second * u32::try_from(base).unwrap(), cap: second * 900 };
    Settings { reserve: second, backoff, ..Settings::default() }
}

/// Processes records of a queue, with so many milliseconds left if there is a deadline.
pub(super) async fn run(
    processor: &Tested,
    queue: &str,
    records: Vec<Value>,
    left: Option<u64>,
) -> Result<BatchResponse, BatchError> {
    let text = event(queue, records);
    let event = SqsEvent::read(&text).unwrap();
    let deadline = left.map(|milliseconds| start() + Duration::from_millis(milliseconds));
    processor.process(&event, deadline, start()).await
}

pub(super) fn failed(answer: &BatchResponse) -> Vec<String> {
    answer.failed().map(str::to_owned).collect()
}

pub(super) fn changed(id: &str, seconds: u16) -> (String, u16) {
    (format!("receipt-{id}"), seconds)
}
