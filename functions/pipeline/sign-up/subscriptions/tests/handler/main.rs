//! Links as browsers, programs and mail providers follow them, from events of API Gateway, on
//! subscribers in memory.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod answers;
mod decisions;
mod support;
