//! Signing up on the deployed stack, and all that follows from it.
//!
//! The tests play the newcomer: they send a form, read their mails where the local AWS keeps them,
//! and watch their run. Addresses of its simulators decide what fails
//! (`infra/local/patches/simulator.py`).

mod crowd;
mod failures;
mod hops;
mod journal;
mod mails;
mod messages;
mod newcomer;
mod newsletter;
mod operators;
mod repeats;
mod run;
mod steps;
mod subscribers;
mod taken;
mod traces;
mod webhooks;
mod whole;

use crate::turns;
