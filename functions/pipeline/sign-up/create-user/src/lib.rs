//! Signs a user up: writes the user, the address and the run of the pipeline in one transaction.
//!
//! [`new_user`] knows whom to let in, with [`email`], [`locale`] and [`password`]; none does I/O.
//! [`handler`] orders the effects, [`adapters`] carry them out. Nothing is published here: the
//! journal's stream is what moves the run on, so nothing can be lost between saved and published.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod adapters;
pub mod config;
pub mod email;
pub mod entry;
pub mod handler;
pub mod locale;
pub mod new_user;
pub mod password;

pub use config::Config;
pub use handler::CreateUser;

/// The pipeline that a sign-up runs through.
pub const PIPELINE: &str = include_str!("../../pipeline.json");
