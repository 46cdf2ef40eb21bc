//! Makes the code of a sign-in, registers it and texts it, while the page to enter it on is already
//! shown.
//!
//! [`plan`] decides what a message still asks for, [`text`] writes what is sent; neither does I/O.
//! [`handler`] orders the effects, [`adapters`] carry them out.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod adapters;
pub mod config;
pub mod handler;
pub mod plan;
pub mod text;

pub use config::Config;
pub use handler::TwoFactor;
