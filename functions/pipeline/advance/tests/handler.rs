//! Runs moved on, from events of the stream and of the schedule, with a journal in memory.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use advance::handler::{Page, Running};
use advance::{Advance, PIPELINES};
use common::clock::from_epoch_seconds;
use common::idempotency::EffectId;
use common::invocation::Invoked as _;
use common::journal::{
    Claim, Context, End, Journal as _, Pipeline, Publisher, Run, RunId, RunState, StepName,
    StepState,
};
use common::telemetry::Metrics;
use common::testing::MemoryJournal;
use serde_json::{Value, json};

macro_rules! event {
    ($name:literal) => {
        include_str!(concat!("../../../../events/advance/", $name, ".json"))
    };
}

fn now() -> SystemTime {
    from_epoch_seconds(1_772_366_400)
}

/// What was published, and whether the topic is down.
#[derive(Debug, Clone, Default)]
struct Topic {
    published: Arc<Mutex<Vec<(RunId, String)>>>,
    is_down_for: Arc<Mutex<Option<RunId>>>,
    hangs: Arc<Mutex<bool>>,
}

#[derive(Debug, thiserror::Error)]
#[error("the topic is on fire")]
struct Down;

impl Publisher for Topic {
    type Error = Down;

    async fn publish(&self, run: &Run, steps: &[StepName]) -> Result<(), Down> {
        let hangs = *self.hangs.lock().unwrap();
        if hangs {
            std::future::pending::<()>().await;
        }
        if *self.is_down_for.lock().unwrap() == Some(run.id) {
            return Err(Down);
        }
        let steps = steps.iter().map(|step| (run.id, step.to_string()));
        self.published.lock().unwrap().extend(steps);
        Ok(())
    }
}

impl Topic {
    fn take(&self) -> Vec<(RunId, String)> {
        std::mem::take(&mut self.published.lock().unwrap())
    }
}

/// Lists what the journal has, one run a page.
#[derive(Debug, Clone)]
struct Listing(MemoryJournal);

impl Running for Listing {
    type Error = Down;

    async fn page(&self, after: Option<String>) -> Result<Page, Down> {
        let at: usize = after.map_or(0, |after| after.parse().unwrap());
        let mut runs = self.0.runs();
        runs.retain(|run| run.state == RunState::Running);
        let page = runs.iter().skip(at).take(1).map(|run| (run.id, run.created)).collect();
        let next = (at + 1 < runs.len()).then(|| (at + 1).to_string());
        Ok(Page { runs: page, next })
    }
}

struct Stage {
    advance: Advance<MemoryJournal, Topic, Listing>,
    journal: MemoryJournal,
    topic: Topic,
}

fn stage() -> Stage {
    let (journal, topic) = (MemoryJournal::default(), Topic::default());
    let advance = Advance::new(
        vec![PIPELINES[0].parse().unwrap()],
        journal.clone(),
        topic.clone(),
        Listing(journal.clone()),
        Duration::from_secs(900),
        Metrics::new("test"),
    );
    Stage { advance, journal, topic }
}

impl Stage {
    /// Starts the run that the events name by this number.
    fn start(&self, number: u128, newsletter: bool) -> RunId {
        let pipeline: Pipeline = PIPELINES[0].parse().unwrap();
        let mut context = Context::from_iter([("username".to_owned(), json!("Ada"))]);
        if newsletter {
            context.insert("newsletter".into(), json!("weekly"));
        }
        let id = RunId::from_bits(number);
        self.journal.insert(Run::new(id, &pipeline, context, now()));
        id
    }

    async fn tell(&self, event: &str) -> Value {
        let deadline = Some(now() + Duration::from_secs(10));
        let answer = self.advance.answer(event, deadline, now()).await.unwrap();
        serde_json::to_value(answer).unwrap()
    }

    async fn sweep_after(&self, seconds: u64) {
        let now = now() + Duration::from_secs(seconds);
        self.advance.answer(event!("schedule"), None, now).await.unwrap();
    }

    async fn end(&self, id: RunId, step: &str, end: End) {
        let (step, owner) = (step.parse().unwrap(), EffectId::from_bits(1));
        let claim = Claim { owner, lease_ends: now() + Duration::from_secs(5) };
        self.journal.claim(id, &step, claim, now()).await.unwrap();
        assert!(self.journal.end(id, &step, owner, &end, now()).await.unwrap());
    }
}

fn done() -> End {
    End::Done(Context::new())
}

#[tokio::test]
async fn a_run_that_starts_has_its_first_step_published() {
    let stage = stage();
    let run = stage.start(1, true);
    assert_eq!(stage.tell(event!("stream-run-started")).await, json!({ "batchItemFailures": [] }));
    assert_eq!(stage.topic.take(), [(run, "email-user".to_owned())], "once for all its records");
}

#[tokio::test]
async fn what_comes_after_a_step_is_published_when_it_is_done() {
    let stage = stage();
    let run = stage.start(1, true);
    stage.end(run, "email-user", done()).await;
    stage.tell(event!("stream-step-ended")).await;
    assert_eq!(stage.topic.take(), [(run, "subscribe-user".to_owned())]);
}

#[tokio::test]
async fn a_run_is_closed_when_nothing_is_left() {
    let stage = stage();
    let run = stage.start(1, false);
    stage.end(run, "email-user", done()).await;
    stage.tell(event!("stream-step-ended")).await;
    assert_eq!(stage.topic.take(), []);
    assert_eq!(stage.journal.run(run).unwrap().state, RunState::Done);
}

#[tokio::test]
async fn a_run_whose_required_step_failed_is_failed_and_goes_no_further() {
    let stage = stage();
    let run = stage.start(1, true);
    stage.end(run, "email-user", End::Failed("no such address".into())).await;
    stage.tell(event!("stream-step-ended")).await;
    assert_eq!(stage.topic.take(), []);
    assert_eq!(stage.journal.run(run).unwrap().state, RunState::Failed);
    assert!(stage.journal.reopen(run, &["email-user".parse().unwrap()], now()).await.unwrap());
    stage.tell(event!("stream-step-ended")).await;
    assert_eq!(stage.topic.take(), [(run, "email-user".to_owned())], "a retry goes on there");
}

#[tokio::test]
async fn the_stream_goes_back_to_the_first_run_that_was_not_moved_on() {
    let stage = stage();
    let (one, two) = (stage.start(1, false), stage.start(2, false));
    *stage.topic.is_down_for.lock().unwrap() = Some(two);
    let answer = stage.tell(event!("stream-two-runs")).await;
    assert_eq!(
        answer,
        json!({ "batchItemFailures": [{ "itemIdentifier": "200000000000000000002" }] })
    );
    assert_eq!(stage.topic.take(), [(one, "email-user".to_owned())], "the other is not held up");
}

#[tokio::test]
async fn records_of_runs_that_are_gone_and_of_other_things_are_done() {
    let answer = stage().tell(event!("stream-two-runs")).await;
    assert_eq!(answer, json!({ "batchItemFailures": [] }));
}

#[tokio::test]
async fn a_sweep_finds_what_the_stream_lost() {
    let stage = stage();
    let (one, two) = (stage.start(1, false), stage.start(2, false));
    stage.tell(event!("schedule")).await;
    assert_eq!(stage.topic.take(), [], "what is young has a message that waits for its turn");
    stage.sweep_after(20 * 60 - 1).await;
    assert_eq!(stage.topic.take(), [], "so long may a message stay away");
    stage.sweep_after(20 * 60).await;
    let published = stage.topic.take();
    assert_eq!(published, [(one, "email-user".to_owned()), (two, "email-user".to_owned())]);
}

#[tokio::test]
async fn a_run_that_cannot_be_moved_on_holds_up_no_others() {
    let stage = stage();
    let (one, two) = (stage.start(1, false), stage.start(2, false));
    *stage.topic.is_down_for.lock().unwrap() = Some(one);
    stage.sweep_after(60 * 60).await;
    assert_eq!(stage.topic.take(), [(two, "email-user".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_sweep_ends_when_its_time_is_up_however_many_pages_there_are() {
    let stage = stage();
    for number in 1..=3 {
        stage.start(number, false);
    }
    *stage.topic.hangs.lock().unwrap() = true;
    let (later, began) = (now() + Duration::from_secs(60 * 60), tokio::time::Instant::now());
    let deadline = Some(later + Duration::from_secs(10));
    let answer = stage.advance.answer(event!("schedule"), deadline, later).await.unwrap();
    assert_eq!(serde_json::to_value(answer).unwrap(), json!({ "batchItemFailures": [] }));
    assert_eq!(began.elapsed(), Duration::from_secs(9));
}

#[tokio::test]
async fn a_failed_run_is_swept_until_nothing_is_at_work_in_it() {
    let stage = stage();
    let run = stage.start(1, true);
    stage.end(run, "email-user", done()).await;
    let (step, owner) = ("subscribe-user".parse().unwrap(), EffectId::from_bits(2));
    let claim = Claim { owner, lease_ends: now() + Duration::from_secs(5) };
    stage.journal.claim(run, &step, claim, now()).await.unwrap();
    let mut broken = stage.journal.run(run).unwrap();
    let failed = StepState::Failed { reason: "no such address".into() };
    broken.steps.get_mut(&"email-user".parse::<StepName>().unwrap()).unwrap().state = failed;
    stage.journal.insert(broken);
    stage.tell(event!("stream-step-ended")).await;
    assert_eq!(stage.journal.run(run).unwrap().state, RunState::Running, "something is at work");
    stage.sweep_after(60 * 60 + 5).await;
    assert_eq!(stage.topic.take(), [(run, "subscribe-user".to_owned())], "and was left");
    assert!(stage.journal.end(run, &step, owner, &done(), now()).await.unwrap());
    stage.tell(event!("stream-step-ended")).await;
    assert_eq!(stage.journal.run(run).unwrap().state, RunState::Failed);
}

#[tokio::test]
async fn a_sweep_publishes_again_what_was_taken_up_and_left() {
    let stage = stage();
    let run = stage.start(1, false);
    let step = "email-user".parse().unwrap();
    let claim = |seconds: u32| Claim {
        owner: EffectId::from_bits(seconds.into()),
        lease_ends: now() - Duration::from_secs(seconds.into()),
    };
    stage.journal.claim(run, &step, claim(60), now() - Duration::from_secs(90)).await.unwrap();
    stage.tell(event!("schedule")).await;
    assert_eq!(stage.topic.take(), [], "its message comes again by itself");
    stage.sweep_after(20 * 60).await;
    assert_eq!(stage.topic.take(), [(run, "email-user".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn what_there_was_no_time_for_is_not_taken_for_done() {
    let stage = stage();
    stage.start(1, false);
    *stage.topic.hangs.lock().unwrap() = true;
    let answer = stage.tell(event!("stream-run-started")).await;
    let first = json!({ "itemIdentifier": "100000000000000000001" });
    assert_eq!(answer, json!({ "batchItemFailures": [first] }));
}
