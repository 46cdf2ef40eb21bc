//! Welcomes a new user by mail: a step of the sign-up.
//!
//! [`name`] makes a user name fit to be shown, [`welcome`] writes the mail; neither does I/O.
//! [`handler`] sends it. How mails are sent and how that fails is in `mails`.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod config;
pub mod handler;
pub mod name;
pub mod welcome;

pub use config::Config;
pub use handler::{EmailUser, steps};

/// The pipeline whose step is done here.
pub const PIPELINE: &str = include_str!("../../pipeline.json");
