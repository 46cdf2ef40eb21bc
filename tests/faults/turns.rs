//! Calls that take turns: whoever makes one can be overtaken, or die, before it and after it.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::SystemTime;

use common::idempotency::EffectId;
use common::journal::{Claim, Claimed, End, Journal, Run, RunId, RunState, StepName, StepState};
use common::testing::MemoryJournal;

use crate::functions::Deeds;

/// Gives the others a turn.
pub(crate) async fn turn() {
    let mut was_here = false;
    poll_fn(
        |_| {
            if std::mem::replace(&mut was_here, true) { Poll::Ready(()) } else { Poll::Pending }
        },
    )
    .await;
}

pub(crate) async fn slowly<T>(call: impl Future<Output = T>) -> T {
    turn().await;
    let answer = call.await;
    turn().await;
    answer
}

/// A call of the journal failed, or its answer was lost.
#[derive(Debug, thiserror::Error)]
#[error("the journal is down")]
pub(crate) struct JournalDown;

/// A journal whose every call takes turns, and can fail.
#[derive(Debug, Clone, Default)]
pub(crate) struct SlowJournal {
    pub(crate) kept: MemoryJournal,
    deeds: Deeds,
    /// How many of the next calls fail, and whether they do what they fail at.
    failures: Arc<Mutex<Vec<bool>>>,
}

impl SlowJournal {
    pub(crate) fn new(deeds: Deeds) -> Self {
        Self { deeds, ..Self::default() }
    }

    pub(crate) fn fail_next_call(&self, is_done_all_the_same: bool) {
        self.failures.lock().unwrap().push(is_done_all_the_same);
    }

    pub(crate) fn heal(&self) {
        self.failures.lock().unwrap().clear();
    }

    async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, Infallible>>,
    ) -> Result<T, JournalDown> {
        turn().await;
        let failure = self.failures.lock().unwrap().pop();
        if failure == Some(false) {
            return Err(JournalDown);
        }
        let Ok(answer) = call.await;
        turn().await;
        if failure.is_some() { Err(JournalDown) } else { Ok(answer) }
    }
}

impl Journal for SlowJournal {
    type Error = JournalDown;

    async fn find(&self, id: RunId) -> Result<Option<Run>, JournalDown> {
        let found = self.call(self.kept.find(id)).await;
        found.inspect_err(|_| self.deeds.disturb_all(id))
    }

    async fn claim(
        &self,
        id: RunId,
        step: &StepName,
        claim: Claim,
        now: SystemTime,
    ) -> Result<Claimed, JournalDown> {
        let claimed = self.call(async {
            let before = self.kept.run(id).map(|run| run.steps[step].state.clone());
            let claimed = self.kept.claim(id, step, claim, now).await;
            if matches!(before, Some(StepState::Claimed { lease_ends, .. }) if lease_ends > now)
                && matches!(claimed, Ok(Claimed::Yes(_)))
            {
                self.deeds.fault(format!("{step} was claimed while somebody was at it"));
            }
            claimed
        });
        claimed.await.inspect_err(|_| self.deeds.disturb(id, step))
    }

    async fn end(
        &self,
        id: RunId,
        step: &StepName,
        owner: EffectId,
        end: &End,
        now: SystemTime,
    ) -> Result<bool, JournalDown> {
        let ended = self.call(self.kept.end(id, step, owner, end, now)).await;
        if !matches!(ended, Ok(true)) {
            self.deeds.disturb(id, step);
            self.deeds.lose(id, step);
        }
        ended
    }

    async fn close(&self, id: RunId, state: RunState) -> Result<bool, JournalDown> {
        self.call(self.kept.close(id, state)).await
    }

    async fn reopen(
        &self,
        id: RunId,
        steps: &[StepName],
        now: SystemTime,
    ) -> Result<bool, JournalDown> {
        self.call(self.kept.reopen(id, steps, now)).await
    }
}
