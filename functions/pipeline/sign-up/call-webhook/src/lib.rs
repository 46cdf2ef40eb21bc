//! Posts what a run knows to a URL: a step of the kind `webhook`.
//!
//! [`targets`] says what may be posted to, [`signature`] signs, [`request`] writes what is sent,
//! [`answer`] and [`retry_after`] judge what comes back; none of them does I/O. [`post`] sends,
//! [`handler`] puts it all in order.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod answer;
pub mod config;
pub mod handler;
pub mod post;
pub mod request;
pub mod retry_after;
pub mod signature;
pub mod targets;

pub use config::Config;
pub use handler::{CallWebhook, steps};

/// The pipeline whose steps are done here.
pub const PIPELINE: &str = include_str!("../../pipeline.json");
