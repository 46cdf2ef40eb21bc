//! Steps as the queue brings them, from events of SQS, with a journal in memory and receivers on
//! real sockets.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod answers;
mod deliveries;
mod receiver;
mod stage;
mod targets;
mod verify;
