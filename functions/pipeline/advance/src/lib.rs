//! Moves runs on: publishes the steps that can be taken up, and writes down how runs end.
//!
//! It is told of every change of a run by the stream of the journal's table, and looks at all
//! running ones from time to time, in case a change or a message was lost. [`stream`] reads what it
//! is told, [`handler`] orders the effects, [`adapters`] carry them out. What follows from a run is
//! decided in [`common::journal`].

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod adapters;
pub mod config;
pub mod handler;
pub mod stream;

pub use config::Config;
pub use handler::Advance;

/// The pipelines whose runs are moved on.
pub const PIPELINES: [&str; 1] = [include_str!("../../sign-up/pipeline.json")];
