//! The in-memory twin of the journal, with the stream of its changes.

use std::collections::{BTreeMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::pipeline::StepName;
use super::run::{Run, RunId, RunState, StepState};
use super::store::{Attempt, Claim, Claimed, End, Journal};
use crate::idempotency::EffectId;

/// Keeps runs in memory, for tests. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryJournal(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    runs: BTreeMap<RunId, Run>,
    /// Who ended steps.
    enders: BTreeMap<(RunId, StepName), EffectId>,
    changes: VecDeque<RunId>,
}

impl MemoryJournal {
    /// Starts a run, as an entry function does within its transaction.
    pub fn insert(&self, run: Run) {
        let mut state = self.state();
        state.changes.push_back(run.id);
        state.runs.insert(run.id, run);
    }

    /// A run.
    #[must_use]
    pub fn run(&self, id: RunId) -> Option<Run> {
        self.state().runs.get(&id).cloned()
    }

    /// All runs.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        self.state().runs.values().cloned().collect()
    }

    /// Takes the oldest change off the stream: the run it happened to.
    #[must_use]
    pub fn next_change(&self) -> Option<RunId> {
        self.state().changes.pop_front()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a run; a change that is one goes to the stream.
    fn change<T>(&self, id: RunId, change: impl FnOnce(&mut Run) -> Option<T>) -> Option<T> {
        let mut state = self.state();
        let changed = state.runs.get_mut(&id).and_then(change);
        if changed.is_some() {
            state.changes.push_back(id);
        }
        changed
    }
}

impl Journal for MemoryJournal {
    type Error = Infallible;

    async fn find(&self, id: RunId) -> Result<Option<Run>, Infallible> {
        Ok(self.run(id))
    }

    async fn claim(
        &self,
        id: RunId,
        step: &StepName,
        claim: Claim,
        now: SystemTime,
    ) -> Result<Claimed, Infallible> {
        let mut refused = Claimed::Over;
        let claimed = self.change(id, |run| {
            let record = run.steps.get_mut(step)?;
            match record.state {
                StepState::Claimed { owner, .. } if owner == claim.owner => {
                    refused = Claimed::Yes(Attempt::at(record));
                    return None;
                }
                StepState::Pending => {}
                StepState::Claimed { lease_ends, .. } if lease_ends <= now => {}
                StepState::Claimed { lease_ends, .. } => {
                    refused = Claimed::Held(lease_ends);
                    return None;
                }
                StepState::Done { .. } | StepState::Failed { .. } => return None,
            }
            let Claim { owner, lease_ends } = claim;
            record.state = StepState::Claimed { owner, lease_ends };
            record.attempts += 1;
            record.started = Some(now);
            Some(Claimed::Yes(Attempt::at(record)))
        });
        Ok(claimed.unwrap_or(refused))
    }

    async fn end(
        &self,
        id: RunId,
        step: &StepName,
        owner: EffectId,
        end: &End,
        now: SystemTime,
    ) -> Result<bool, Infallible> {
        let key = (id, step.clone());
        let is_ender = self.state().enders.get(&key) == Some(&owner);
        let mut is_repeated = false;
        let ended = self.change(id, |run| {
            let record = run.steps.get_mut(step)?;
            is_repeated = is_ender
                && matches!(
                    (&record.state, end),
                    (StepState::Done { .. }, End::Done(_))
                        | (StepState::Failed { .. }, End::Failed(_))
                );
            let holds =
                matches!(record.state, StepState::Claimed { owner: found, .. } if found == owner);
            if !holds {
                return None;
            }
            record.state = match end {
                End::Done(added) => StepState::Done { added: added.clone() },
                End::Failed(reason) => StepState::Failed { reason: reason.clone() },
                End::Released => StepState::Claimed { owner, lease_ends: now },
            };
            record.answered = record.attempts;
            record.ended = (*end != End::Released).then_some(now);
            Some(())
        });
        if ended.is_some() {
            self.state().enders.insert(key, owner);
        }
        Ok(ended.is_some() || is_repeated)
    }

    async fn close(&self, id: RunId, state: RunState) -> Result<bool, Infallible> {
        let closed = self.change(id, |run| {
            let was = std::mem::replace(&mut run.state, state);
            (was != state).then_some(())
        });
        Ok(closed.is_some())
    }

    async fn reopen(
        &self,
        id: RunId,
        steps: &[StepName],
        now: SystemTime,
    ) -> Result<bool, Infallible> {
        let reopened = self.change(id, |run| {
            let all_failed = steps.iter().all(|step| {
                let record = run.steps.get(step);
                record.is_some_and(|record| matches!(record.state, StepState::Failed { .. }))
            });
            if !all_failed || steps.is_empty() {
                return None;
            }
            for step in steps {
                if let Some(record) = run.steps.get_mut(step) {
                    record.state = StepState::Pending;
                    record.answered = record.attempts;
                    record.ended = None;
                }
            }
            run.state = RunState::Running;
            run.reopened = Some(now);
            Some(())
        });
        Ok(reopened.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::contract::{check_journal, run_for_contract};

    #[tokio::test]
    async fn the_memory_journal_keeps_the_contract() {
        let (journal, run) = (MemoryJournal::default(), run_for_contract());
        journal.insert(run.clone());
        check_journal(&journal, &run).await;
    }
}
