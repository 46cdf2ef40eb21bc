//! Asks a new user who wants the newsletter to confirm that the address is theirs.
//!
//! It is an optional step of the sign-up. [`text`] writes the mail, without I/O; [`handler`] orders
//! the effects, [`adapters`] carry them out. What the link in the mail leads to is answered by
//! `subscriptions`.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod adapters;
pub mod config;
pub mod handler;
pub mod text;

pub use adapters::DynamoAsks;
pub use config::Config;
pub use handler::SubscribeUser;

/// The pipeline that this is a step of.
pub const PIPELINE: &str = include_str!("../../pipeline.json");
