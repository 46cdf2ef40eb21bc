//! Calls that take turns: whoever makes one can be overtaken, or die, before it and after it.

use std::future::poll_fn;
use std::task::Poll;
use std::time::SystemTime;

use common::idempotency::EffectId;
use common::journal::{Claim, Claimed, End, Journal, Run, RunId, RunState, StepName};
use common::testing::MemoryJournal;

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

/// A journal whose every call takes turns.
#[derive(Debug, Clone, Default)]
pub(crate) struct SlowJournal(pub(crate) MemoryJournal);

impl Journal for SlowJournal {
    type Error = std::convert::Infallible;

    async fn find(&self, id: RunId) -> Result<Option<Run>, Self::Error> {
        slowly(self.0.find(id)).await
    }

    async fn claim(
        &self,
        id: RunId,
        step: &StepName,
        claim: Claim,
        now: SystemTime,
    ) -> Result<Claimed, Self::Error> {
        slowly(self.0.claim(id, step, claim, now)).await
    }

    async fn end(
        &self,
        id: RunId,
        step: &StepName,
        owner: EffectId,
        end: &End,
        now: SystemTime,
    ) -> Result<bool, Self::Error> {
        slowly(self.0.end(id, step, owner, end, now)).await
    }

    async fn close(&self, id: RunId, state: RunState) -> Result<bool, Self::Error> {
        slowly(self.0.close(id, state)).await
    }

    async fn reopen(&self, id: RunId, steps: &[StepName]) -> Result<bool, Self::Error> {
        slowly(self.0.reopen(id, steps)).await
    }
}
