//! What this function needs of a database beside the journal.

use std::error::Error;
use std::time::SystemTime;

use sign_in::{Session, TokenDigest};

use crate::list::{Listed, PageRequest};

/// Lists runs.
pub trait Runs: Send + Sync + 'static {
    /// What it fails with.
    type Error: Error + Send + Sync + 'static;

    /// The runs of a state, newest first. A run that was just started or has just changed may be
    /// listed a moment later.
    fn list(&self, page: &PageRequest) -> impl Future<Output = Result<Listed, Self::Error>> + Send;
}

/// Knows who is signed in.
pub trait Sessions: Send + Sync + 'static {
    /// What it fails with.
    type Error: Error + Send + Sync + 'static;

    /// The session of a token, unless it is over.
    fn session(
        &self,
        digest: &TokenDigest,
        now: SystemTime,
    ) -> impl Future<Output = Result<Option<Session>, Self::Error>> + Send;
}
