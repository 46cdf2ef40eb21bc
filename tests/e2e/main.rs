//! The deployed stack as its users see it. Run by `cargo xtask test`, which deploys it first.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod api;
mod aws;
mod dead_letters;
mod decorator;
mod operations;
mod processes;
mod queues;
mod sign_in;
mod sign_up;
mod store;
mod turns;
mod widgets;
