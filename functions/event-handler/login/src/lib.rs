//! Two-factor sign-in: pages and API.
//!
//! The password is checked here and the code is checked here, but the code is made elsewhere: a
//! message asks `two-factor` for it, and the page to enter it on is shown at once.
//!
//! `request` reads what clients send, `denied` says no, `outcome` and `pages` say yes, to programs
//! and to people; none of them does I/O. [`handler`] orders the effects, [`adapters`] carry them
//! out.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod adapters;
pub mod config;
mod denied;
pub mod handler;
mod outcome;
mod pages;
mod request;
mod respond;

pub use config::Config;
pub use handler::Login;
