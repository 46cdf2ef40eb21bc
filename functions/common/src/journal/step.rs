//! Does the steps that a queue brings: claims, acts, completes.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use tracing::Instrument as _;

use super::pipeline::{Pipeline, StepName};
use super::run::{Context, RunId};
use super::standing::{Place, Standing};
use super::store::{Attempt, Claim, Claimed, End, Journal};
use crate::batch::{Failure, Record, RecordHandler};
use crate::event::CloudEvent;
use crate::idempotency::EffectId;
use crate::problem::causes;

/// Type of the event that brings a step.
pub const STEP_READY: &str = "faas-patterns.step.ready";
/// After so many attempts in a row that did not tell how they ended, because the process died or
/// was cut off, a step has failed: it would go on like that, and each may have had its effect.
pub const MAX_UNANSWERED: u32 = 5;
/// Lease outside Lambda, where an invocation has no deadline.
const DEFAULT_LEASE: Duration = Duration::from_secs(30);

/// A step can be taken up. What it works on is in the journal: queues and dead-letter queues hold
/// nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepReady {
    /// Of which run.
    pub run: String,
    /// Which step.
    pub step: StepName,
}

/// What an action is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: StepName,
    /// Which attempt this is, counted from 1.
    pub attempt: u32,
    /// What is known: what the run started with, and what the steps before added.
    pub context: Context,
}

impl Task {
    /// Names the step of this run, the same for each attempt: a key for providers that know
    /// idempotency.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}-{}", self.run, self.step)
    }
}

/// Does what a step is for.
///
/// It can be asked twice for one step: when the process dies between the effect and its record. An
/// effect that must not happen twice is keyed by [`Task::id`].
pub trait Action: Send + Sync + 'static {
    /// Whether the step is one of those that it is for. Others are refused and stay as they are: a
    /// queue that is connected wrongly must neither do nor fail what is another function's.
    fn is_for(&self, step: &StepName) -> bool;

    /// Does it, and tells what it adds to the context.
    ///
    /// # Errors
    /// [`Failure::Permanent`] fails the step for good; [`Failure::Transient`] is tried again as
    /// often as the queue receives.
    fn act(
        &self,
        task: &Task,
        now: SystemTime,
    ) -> impl Future<Output = Result<Context, Failure>> + Send;
}

/// Takes steps from a queue and does them with an [`Action`]: two writes and one read a step.
#[derive(Debug)]
pub struct Steps<J, A> {
    pipeline: Pipeline,
    journal: J,
    action: A,
}

impl<J: Journal, A: Action> Steps<J, A> {
    /// Does steps of a pipeline.
    pub const fn new(pipeline: Pipeline, journal: J, action: A) -> Self {
        Self { pipeline, journal, action }
    }

    async fn take_up(
        &self,
        id: RunId,
        step: &StepName,
        record: &Record<CloudEvent<StepReady>>,
        now: SystemTime,
    ) -> Result<(), Failure> {
        if !self.action.is_for(step) {
            return Err(Failure::permanent("the step is another function's"));
        }
        let found = self.journal.find(id).await.map_err(|error| failed(&error))?;
        let Some(run) = found else {
            return Err(Failure::permanent("there is no such run"));
        };
        match Standing::of(&self.pipeline, &run).places.get(step) {
            Some(Place::Ready | Place::Active) => {}
            // Its message is on its way to the dead-letter queue, where a person sees it.
            Some(Place::Failed) => return Err(Failure::permanent("the step has failed")),
            Some(place) => {
                tracing::info!(place = place.word(), "nothing is to be done");
                return Ok(());
            }
            None => return Err(Failure::permanent("the pipeline has no such step")),
        }
        let owner = EffectId::random().map_err(Failure::transient)?;
        let lease_ends = record.deadline.unwrap_or(now + DEFAULT_LEASE);
        let claim = Claim { owner, lease_ends };
        let claimed = self.journal.claim(id, step, claim, now).await;
        let Attempt { number, unanswered } = match claimed.map_err(|error| failed(&error))? {
            Claimed::Yes(attempt) => attempt,
            Claimed::Held(until) => {
                let left = until.duration_since(now).unwrap_or_default();
                return Err(Failure::transient("somebody else is at it").retry_after(left));
            }
            Claimed::Over => return Ok(()),
        };
        let context = run.known(&self.pipeline);
        let task = Task { run: id, step: step.clone(), attempt: number, context };
        if unanswered >= MAX_UNANSWERED {
            let failure =
                Failure::permanent(format!("{unanswered} attempts in a row did not answer"));
            self.give_back(&task, owner, &failure, record.is_last_receive, now).await;
            return Err(failure);
        }
        let began = Instant::now();
        let acted = self.action.act(&task, now).await;
        let ended = now + began.elapsed();
        match acted {
            Ok(added) => self.complete(&task, owner, added, ended).await,
            Err(failure) => {
                self.give_back(&task, owner, &failure, record.is_last_receive, ended).await;
                Err(failure)
            }
        }
    }

    async fn complete(
        &self,
        task: &Task,
        owner: EffectId,
        added: Context,
        now: SystemTime,
    ) -> Result<(), Failure> {
        let ended = self.journal.end(task.run, &task.step, owner, &End::Done(added), now).await;
        match ended {
            Ok(true) => Ok(()),
            // Whoever took over will record an end of their own.
            Ok(false) => Err(Failure::transient("the lease ended before the action did")),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Records that an attempt failed: for good, or to be taken up again.
    async fn give_back(
        &self,
        task: &Task,
        owner: EffectId,
        failure: &Failure,
        is_last: bool,
        now: SystemTime,
    ) {
        let end = match failure {
            Failure::Transient { .. } if !is_last => End::Released,
            _ => End::Failed(failure.cause().to_owned()),
        };
        // If this fails too, the lease ends by itself.
        if let Err(error) = self.journal.end(task.run, &task.step, owner, &end, now).await {
            tracing::error!(cause = causes(&error), "the failed attempt is not recorded");
        }
    }
}

impl<J: Journal, A: Action> RecordHandler for Steps<J, A> {
    type Body = CloudEvent<StepReady>;

    async fn handle(&self, record: Record<Self::Body>, now: SystemTime) -> Result<(), Failure> {
        let event = &record.body;
        if event.kind != STEP_READY {
            return Err(Failure::permanent("an event of another type"));
        }
        let Ok(id) = event.data.run.parse() else {
            return Err(Failure::permanent("no name of a run"));
        };
        let traceparent = event.traceparent.map(|trace| trace.to_string());
        let step = &event.data.step;
        let span = tracing::info_span!("step", run = ?id, step = step.as_str(), traceparent);
        self.take_up(id, step, &record, now).instrument(span).await
    }
}

fn failed(error: &(impl std::error::Error + 'static)) -> Failure {
    Failure::transient(causes(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_epoch_seconds as at;
    use crate::event::SpecVersion;
    use crate::journal::Run;
    use crate::journal::memory::MemoryJournal;

    const TOOK: Duration = Duration::from_millis(1_250);

    struct Slow;

    impl Action for Slow {
        fn is_for(&self, step: &StepName) -> bool {
            step.as_str() == "greet"
        }

        async fn act(&self, _: &Task, _: SystemTime) -> Result<Context, Failure> {
            tokio::time::sleep(TOOK).await;
            Ok(Context::new())
        }
    }

    async fn taken_up(step: &str) -> (Result<(), Failure>, Run) {
        let pipeline: Pipeline = r#"{"name":"hello","steps":[
            {"name":"greet","kind":"function","required":true},
            {"name":"wave","kind":"function","required":true}
        ]}"#
        .parse()
        .unwrap();
        let journal = MemoryJournal::default();
        let run = Run::new(RunId::random().unwrap(), &pipeline, Context::new(), at(100));
        journal.insert(run.clone());
        let data = StepReady { run: run.id.to_string(), step: step.parse().unwrap() };
        let event = CloudEvent {
            specversion: SpecVersion::V1,
            id: "1".into(),
            source: "/runs".into(),
            kind: STEP_READY.into(),
            time: None,
            subject: None,
            traceparent: None,
            data,
        };
        let steps = Steps::new(pipeline, journal.clone(), Slow);
        let handled = steps.handle(Record::new("m-1", event), at(100)).await;
        (handled, journal.run(run.id).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn the_journal_says_how_long_an_action_took() {
        let (handled, run) = taken_up("greet").await;
        assert!(handled.is_ok());
        let record = &run.steps[&"greet".parse().unwrap()];
        assert_eq!((record.started, record.ended), (Some(at(100)), Some(at(100) + TOOK)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_another_functions_stays_as_it_is() {
        let (handled, run) = taken_up("wave").await;
        assert!(matches!(handled, Err(Failure::Permanent { .. })));
        let record = &run.steps[&"wave".parse().unwrap()];
        assert_eq!((record.attempts, record.started), (0, None));
    }
}
