//! The function on stores in memory, with events as API Gateway sends them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod broken;
mod documents;
mod hostile;
mod lists;
mod pages;
mod retries;
mod support;
