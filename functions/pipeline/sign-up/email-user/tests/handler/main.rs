//! Steps as the queue brings them, from events of SQS, with a journal in memory and mails that are
//! kept instead of sent.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod deliveries;
mod failures;
mod stage;
