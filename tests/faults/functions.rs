//! What steps do, and what came of it.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use common::batch::Failure;
use common::journal::{Action, Context, Pipeline, Place, RunId, Standing, StepName, Task};
use common::testing::MemoryJournal;
use serde_json::json;

use crate::turns::turn;

/// How the action of a step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Well, after failing so many times.
    WellAfter(u32),
    /// Never well, and it says so.
    Permanent,
    /// Never well, and it does not know.
    Hopeless,
    /// It takes its process with it each time, before its effect or after it.
    Deadly { after: bool },
}

/// The process is gone. It is no panic that is reported: there are too many of them.
#[derive(Debug)]
struct Gone;

/// What was done, by run and step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deeds(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    fates: BTreeMap<(RunId, StepName), Fate>,
    /// Calls of a provider that knows no idempotency.
    effects: BTreeMap<(RunId, StepName), u32>,
    failures: BTreeMap<(RunId, StepName), u32>,
    /// How often it was not recorded that a step was done: so often may it be done again.
    lost: BTreeMap<(RunId, StepName), u32>,
    /// How often something came between that was not the step's own fault.
    disturbed: BTreeMap<(RunId, StepName), u32>,
    /// How often a step was opened again.
    reopened: BTreeMap<(RunId, StepName), u32>,
    faults: Vec<String>,
}

impl Deeds {
    pub(crate) fn decide(&self, run: RunId, step: StepName, fate: Fate) {
        self.0.lock().unwrap().fates.insert((run, step), fate);
    }

    pub(crate) fn fate(&self, run: RunId, step: &StepName) -> Fate {
        self.0.lock().unwrap().fates[&(run, step.clone())]
    }

    pub(crate) fn effects(&self, run: RunId, step: &StepName) -> u32 {
        count(&self.0.lock().unwrap().effects, run, step)
    }

    pub(crate) fn lost(&self, run: RunId, step: &StepName) -> u32 {
        count(&self.0.lock().unwrap().lost, run, step)
    }

    pub(crate) fn disturbed(&self, run: RunId, step: &StepName) -> u32 {
        count(&self.0.lock().unwrap().disturbed, run, step)
    }

    pub(crate) fn reopened(&self, run: RunId, step: &StepName) -> u32 {
        count(&self.0.lock().unwrap().reopened, run, step)
    }

    pub(crate) fn lose(&self, run: RunId, step: &StepName) {
        let mut state = self.0.lock().unwrap();
        if count(&state.effects, run, step) > 0 {
            *state.lost.entry((run, step.clone())).or_default() += 1;
        }
    }

    pub(crate) fn disturb(&self, run: RunId, step: &StepName) {
        *self.0.lock().unwrap().disturbed.entry((run, step.clone())).or_default() += 1;
    }

    pub(crate) fn fault(&self, fault: String) {
        self.0.lock().unwrap().faults.push(fault);
    }

    /// What was read of a run was lost, whichever step it was for.
    pub(crate) fn disturb_all(&self, run: RunId) {
        let mut state = self.0.lock().unwrap();
        let steps: Vec<_> = state.fates.keys().filter(|key| key.0 == run).cloned().collect();
        for key in steps {
            *state.disturbed.entry(key).or_default() += 1;
        }
    }

    pub(crate) fn reopen(&self, run: RunId, step: &StepName) {
        *self.0.lock().unwrap().reopened.entry((run, step.clone())).or_default() += 1;
    }

    pub(crate) fn faults(&self) -> Vec<String> {
        self.0.lock().unwrap().faults.clone()
    }
}

fn count(counts: &BTreeMap<(RunId, StepName), u32>, run: RunId, step: &StepName) -> u32 {
    counts.get(&(run, step.clone())).copied().unwrap_or_default()
}

/// An action that looks, before it does anything, whether it may.
#[derive(Debug, Clone)]
pub(crate) struct Acting {
    pub(crate) deeds: Deeds,
    pub(crate) journal: MemoryJournal,
    pub(crate) pipeline: Pipeline,
}

impl Acting {
    /// No step may act before those it comes after are over.
    fn check(&self, task: &Task) {
        let run = self.journal.run(task.run).unwrap();
        let standing = Standing::of(&self.pipeline, &run);
        let step = self.pipeline.step(&task.step).unwrap();
        for before in &step.after {
            let place = standing.places[before];
            if !matches!(place, Place::Done | Place::Skipped | Place::Failed) {
                let fault = format!("{} acts while {before} is {}", task.step, place.word());
                self.deeds.fault(fault);
            }
        }
    }
}

impl Action for Acting {
    fn is_for(&self, _: &StepName) -> bool {
        true
    }

    async fn act(&self, task: &Task, _: SystemTime) -> Result<Context, Failure> {
        self.check(task);
        turn().await;
        let key = (task.run, task.step.clone());
        let fate = self.deeds.fate(task.run, &task.step);
        if fate == (Fate::Deadly { after: false }) {
            resume_unwind(Box::new(Gone));
        }
        {
            let mut state = self.deeds.0.lock().unwrap();
            let failed = *state.failures.entry(key.clone()).or_default();
            match fate {
                Fate::Permanent => return Err(Failure::permanent("no such address")),
                Fate::Deadly { .. } => {}
                Fate::WellAfter(times) if failed >= times => {}
                _ => {
                    *state.failures.entry(key).or_default() += 1;
                    return Err(Failure::transient("not now"));
                }
            }
            *state.effects.entry(key.clone()).or_default() += 1;
        }
        turn().await;
        if fate == (Fate::Deadly { after: true }) {
            resume_unwind(Box::new(Gone));
        }
        let mut added = Context::new();
        added.insert(task.step.to_string(), json!(task.attempt));
        Ok(added)
    }
}
