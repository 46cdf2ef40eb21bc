//! Signing up as clients see it, from events of API Gateway, on stores in memory.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod entries;
mod refusals;
mod repeats;
mod support;
