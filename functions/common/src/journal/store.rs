//! What the journal needs of a database. Each change is one conditional write, and the conditions
//! are part of the contract, which both implementations are tested for.

use std::error::Error;
use std::time::SystemTime;

use super::pipeline::StepName;
#[cfg(any(test, feature = "dynamodb", feature = "testing"))]
use super::run::StepRecord;
use super::run::{Context, Run, RunId, RunState};
use crate::idempotency::EffectId;

/// Where runs are kept.
pub trait Journal: Send + Sync + 'static {
    /// What it fails with.
    type Error: Error + Send + Sync + 'static;

    /// Reads a run with all its steps, as they are now.
    fn find(&self, id: RunId) -> impl Future<Output = Result<Option<Run>, Self::Error>> + Send;

    /// Takes a step up, if nobody is at it or they are taken to be gone.
    fn claim(
        &self,
        id: RunId,
        step: &StepName,
        claim: Claim,
        now: SystemTime,
    ) -> impl Future<Output = Result<Claimed, Self::Error>> + Send;

    /// Ends a step that was claimed; tells whether the claim still held. The attempt has answered.
    fn end(
        &self,
        id: RunId,
        step: &StepName,
        owner: EffectId,
        end: &End,
        now: SystemTime,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Writes how a run stands, unless it says so already.
    fn close(
        &self,
        id: RunId,
        state: RunState,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Opens the failed steps of a run again, and the run with them; tells whether there were any.
    /// Attempts that did not answer are forgiven.
    fn reopen(
        &self,
        id: RunId,
        steps: &[StepName],
        now: SystemTime,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;
}

/// One attempt at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Whose it is.
    pub owner: EffectId,
    /// When whoever has it is taken to be gone.
    pub lease_ends: SystemTime,
}

/// An attempt at a step that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Which one it is, counted from 1.
    pub number: u32,
    /// How many right before it did not tell how they ended.
    pub unanswered: u32,
}

#[cfg(any(test, feature = "dynamodb", feature = "testing"))]
impl Attempt {
    /// The attempt that a step was just taken up for.
    pub(super) const fn at(record: &StepRecord) -> Self {
        let unanswered = record.attempts.saturating_sub(record.answered).saturating_sub(1);
        Self { number: record.attempts, unanswered }
    }
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// It holds.
    Yes(Attempt),
    /// Somebody else is at it, until then.
    Held(SystemTime),
    /// There is nothing to claim: it has ended.
    Over,
}

/// How an attempt ends.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// Well, adding this to the context.
    Done(Context),
    /// For good, for this reason.
    Failed(String),
    /// To be tried again: the lease ends now. The step is not ready to be published, because the
    /// message that brought it comes again; a second message would count its receives anew.
    Released,
}
