//! The deployed stack as its users see it. Run by `cargo xtask test`, which deploys it first.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod api;
mod aws;
mod decorator;
mod operations;
mod sign_in;
mod store;
mod widgets;
