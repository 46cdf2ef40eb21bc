//! Guards what makes the functions start and run fast.
//!
//! They look at the programs as they are deployed, which are built first: that takes minutes. Times
//! wander, so nothing here is timed; instructions, connections, bytes and names are counted.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod built;
mod calls;
mod connections;
mod dependencies;
mod instructions;
mod sizes;
