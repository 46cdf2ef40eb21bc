//! The decorator as its clients see it, from events of API Gateway, before real sockets.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod book;
mod messages;
mod server;
mod support;
mod upstreams;
