//! A decorator: a function in front of an HTTP API that fills defaults, validates and reshapes
//! requests and responses.
//!
//! A request goes through these modules, all of them pure but the last:
//! [`config`] finds the route → [`schema`] fills and validates the body → [`rules`] reshape it →
//! [`forward`] cleans the headers → [`upstream`] calls the API. [`handler`] orders them.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod config;
pub mod explain;
pub mod forward;
pub mod handler;
pub mod outgoing;
pub mod path;
pub mod reply;
pub mod retry;
pub mod rules;
pub mod schema;
pub mod upstream;

pub use handler::Decorator;

/// The routes that are built into the function.
pub const ROUTES: &str = include_str!("../routes.json");
