//! The small real API behind the decorator: creates, reads, lists and deletes widgets in DynamoDB.
//!
//! [`widget`] knows what a widget is, [`page`] how lists are cut; neither does I/O. [`handler`]
//! orders the effects, [`adapters`] carry them out.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod adapters;
pub mod config;
pub mod handler;
pub mod page;
pub mod widget;

pub use config::Config;
pub use handler::WidgetApi;
