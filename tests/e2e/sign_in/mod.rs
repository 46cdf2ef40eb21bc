//! Signing in with a password and a texted code, on the deployed stack.
//!
//! The tests play the person in front of the screen: they know a name and a password, and read
//! their texts where the local AWS keeps them.

pub(crate) mod attempt;
mod browsers;
mod crash;
mod delivery;
mod duplicates;
mod guesses;
mod limits;
mod outbox;
mod passwords;
pub(crate) mod person;
mod poison;
mod queue;
mod resend;
mod sessions;
mod table;
mod traces;
mod waiting;
mod whole;

use crate::turns;
