//! Confirms and ends subscriptions, by signed links.
//!
//! A subscriber is `pending` until the owner of the address confirms, and whoever has unsubscribed
//! stays so: no older wish and no older link takes that back.
//!
//! [`subscriber`] is what is kept, [`item`] how, [`ports`] what is done with it: `subscribe-user`
//! asks, this function confirms and unsubscribes. `request`, `outcome` and `pages` read and write HTTP, without
//! I/O; [`handler`] orders the effects, [`adapters`] carry them out.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod adapters;
pub mod config;
#[cfg(any(test, feature = "testing"))]
pub mod contract;
pub mod handler;
pub mod item;
#[cfg(any(test, feature = "testing"))]
pub mod memory;
mod outcome;
mod pages;
pub mod ports;
mod request;
pub mod subscriber;

pub use config::Config;
pub use handler::Subscriptions;
pub use subscriber::{Address, Digest, State, Subscriber};
