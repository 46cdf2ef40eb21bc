//! What one sign-up writes.

use std::fmt;
use std::time::SystemTime;

use common::journal::Run;
use serde::{Deserialize, Serialize};

use crate::new_user::NewUser;

/// A user and the run that goes with it. Not shown by `Debug`.
#[derive(Clone, PartialEq)]
pub struct Entry {
    /// The user.
    pub user: NewUser,
    /// The password's hash, a PHC string.
    pub hash: String,
    /// The run of the pipeline.
    pub run: Run,
    /// When the run may be forgotten.
    pub expires: SystemTime,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is written, now or by an attempt before this one.
    Done,
    /// Somebody else has the name or the address. Nothing is written.
    Taken,
}

/// What a sign-up answers. It is kept as an idempotency record, so it holds neither the address nor
/// anything that is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedUp {
    /// The name, as its owner writes it.
    pub username: String,
    /// The run.
    pub run: String,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entry(***)")
    }
}
