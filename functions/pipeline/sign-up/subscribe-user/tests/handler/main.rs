//! Steps as the queue brings them, from events of SQS, on a journal, subscribers and an outbox in
//! memory.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod asking;
mod failures;
mod support;
