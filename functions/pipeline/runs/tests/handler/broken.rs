//! Stores that do not answer, and others that are faster.

use std::convert::Infallible;
use std::time::SystemTime;

use common::idempotency::EffectId;
use common::journal::{Claim, Claimed, End, Journal, Run, RunId, RunState, StepName};
use common::testing::MemoryJournal;
use runs::list::{Listed, PageRequest};
use runs::ports::{Runs, Sessions};
use runs::testing::{MemoryRuns, MemorySessions};
use sign_in::{Session, TokenDigest};

use crate::support::{Stage, event, failing, header, status_and_kind, text};

#[derive(Debug, thiserror::Error)]
#[error("the table runs-prod is on fire")]
struct Fire;

#[derive(Debug, Clone, Copy)]
struct Broken;

impl Journal for Broken {
    type Error = Fire;

    async fn find(&self, _: RunId) -> Result<Option<Run>, Fire> {
        Err(Fire)
    }

    async fn claim(
        &self,
        _: RunId,
        _: &StepName,
        _: Claim,
        _: SystemTime,
    ) -> Result<Claimed, Fire> {
        Err(Fire)
    }

    async fn end(
        &self,
        _: RunId,
        _: &StepName,
        _: EffectId,
        _: &End,
        _: SystemTime,
    ) -> Result<bool, Fire> {
        Err(Fire)
    }

    async fn close(&self, _: RunId, _: RunState) -> Result<bool, Fire> {
        Err(Fire)
    }

    async fn reopen(&self, _: RunId, _: &[StepName], _: SystemTime) -> Result<bool, Fire> {
        Err(Fire)
    }
}

impl Runs for Broken {
    type Error = Fire;

    async fn list(&self, _: &PageRequest) -> Result<Listed, Fire> {
        Err(Fire)
    }
}

impl Sessions for Broken {
    type Error = Fire;

    async fn session(&self, _: &TokenDigest, _: SystemTime) -> Result<Option<Session>, Fire> {
        Err(Fire)
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_told_without_its_name() {
    let stage = Stage::new(Broken, Broken, Broken, MemoryJournal::default());
    for event in [event!("http-run"), event!("http-retry"), event!("http-list")] {
        let refused = stage.send(event).await;
        assert_eq!(status_and_kind(&refused), (503, "store-unavailable".into()));
        assert_eq!(header(&refused, "retry-after"), "1");
        assert!(!text(&refused).contains("runs-prod"));
    }
}

/// A journal in which somebody else always opens what failed a moment before.
struct Overtaken(MemoryJournal);

impl Journal for Overtaken {
    type Error = Infallible;

    async fn find(&self, id: RunId) -> Result<Option<Run>, Infallible> {
        self.0.find(id).await
    }

    async fn claim(
        &self,
        id: RunId,
        step: &StepName,
        claim: Claim,
        now: SystemTime,
    ) -> Result<Claimed, Infallible> {
        self.0.claim(id, step, claim, now).await
    }

    async fn end(
        &self,
        id: RunId,
        step: &StepName,
        owner: EffectId,
        end: &End,
        now: SystemTime,
    ) -> Result<bool, Infallible> {
        self.0.end(id, step, owner, end, now).await
    }

    async fn close(&self, id: RunId, state: RunState) -> Result<bool, Infallible> {
        self.0.close(id, state).await
    }

    async fn reopen(
        &self,
        id: RunId,
        steps: &[StepName],
        now: SystemTime,
    ) -> Result<bool, Infallible> {
        assert!(self.0.reopen(id, steps, now).await?);
        self.0.reopen(id, steps, now).await
    }
}

#[tokio::test]
async fn of_two_retries_at_once_one_finds_nothing() {
    let journal = MemoryJournal::default();
    journal.insert(failing());
    let runs = MemoryRuns(journal.clone());
    let working_on = Overtaken(journal.clone());
    let stage = Stage::new(working_on, runs, MemorySessions::default(), journal);
    let refused = stage.send(event!("http-retry")).await;
    assert_eq!(status_and_kind(&refused), (409, "nothing-to-retry".into()));
}
