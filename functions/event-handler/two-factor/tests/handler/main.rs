//! Codes as the queue asks for them, from events of SQS, on a store in memory.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod deliveries;
mod failures;
mod limits;
mod support;
