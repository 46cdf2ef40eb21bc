//! Signing in as browsers and programs see it, from events of API Gateway, on a store in memory.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod codes;
mod interleaved;
mod pages;
mod passwords;
mod sessions;
mod support;
