//! Shows runs: as JSON, as a page with a picture, and to operators as a list.
//!
//! `view` puts together what there is to see of a run, with everything personal masked; `document`,
//! `mermaid` and `pages` show it, and so none of them can give away more. `graph` places and draws
//! the steps. [`list`] reads what operators ask for. None of them does I/O: [`handler`] orders the
//! effects, [`adapters`] carry them out.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod adapters;
pub mod config;
mod denied;
mod document;
mod graph;
pub mod handler;
pub mod list;
mod mask;
mod mermaid;
mod outcome;
mod pages;
pub mod pipelines;
pub mod ports;
mod respond;
#[cfg(feature = "testing")]
pub mod testing;
mod view;
mod words;

pub use config::Config;
pub use handler::RunsFunction;
