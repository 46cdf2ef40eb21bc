//! What every journal must do, run against each implementation.

use std::time::{Duration, SystemTime};

use serde_json::json;

use super::pipeline::{Pipeline, StepName};
use super::run::{Context, Run, RunId, RunState, StepState};
use super::store::{Attempt, Claim, Claimed, End, Journal};
use crate::clock::from_epoch_seconds;
use crate::idempotency::EffectId;

const PIPELINE: &str = r#"{"name":"contract","steps":[
    {"name":"one","kind":"function","required":true},
    {"name":"two","kind":"function","required":false,"after":["one"]}
]}"#;

/// A run to check a journal with. It must be started by the means of the implementation.
///
/// # Panics
/// When there is no randomness.
#[must_use]
#[expect(clippy::expect_used, reason = "a test may panic")]
pub fn run_for_contract() -> Run {
    let pipeline: Pipeline = PIPELINE.parse().expect("a pipeline");
    let context = Context::from_iter([("name".to_owned(), json!("Ada"))]);
    Run::new(RunId::random().expect("randomness"), &pipeline, context, now())
}

fn now() -> SystemTime {
    from_epoch_seconds(1_772_366_400)
}

#[expect(clippy::panic, reason = "a test may panic")]
fn ok<T, E: std::error::Error>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

#[expect(clippy::expect_used, reason = "a test may panic")]
fn step(name: &str) -> StepName {
    name.parse().expect("a name")
}

fn claim(owner: u128, seconds: u64) -> Claim {
    let lease_ends = now() + Duration::from_secs(seconds);
    Claim { owner: EffectId::from_bits(owner), lease_ends }
}

const fn attempt(number: u32, unanswered: u32) -> Claimed {
    Claimed::Yes(Attempt { number, unanswered })
}

/// Checks a journal with a run that was just started in it.
///
/// # Panics
/// When the journal breaks the contract.
pub async fn check_journal(journal: &impl Journal, run: &Run) {
    assert_eq!(ok(journal.find(run.id).await).as_ref(), Some(run), "a run is found as it started");
    assert_eq!(ok(journal.find(RunId::from_bits(1)).await), None, "there is no such run");
    claims(journal, run).await;
    ends(journal, run).await;
}

async fn claims(journal: &impl Journal, run: &Run) {
    let one = step("one");
    let take = |claim, now| journal.claim(run.id, &one, claim, now);
    assert_eq!(ok(take(claim(1, 5), now()).await), attempt(1, 0));
    assert_eq!(ok(take(claim(1, 5), now()).await), attempt(1, 0), "a repeated claim is the same");
    let held = Claimed::Held(now() + Duration::from_secs(5));
    assert_eq!(ok(take(claim(2, 5), now()).await), held, "nobody else may claim");
    let later = now() + Duration::from_secs(5);
    assert_eq!(ok(take(claim(2, 9), later).await), attempt(2, 1), "until the lease ends");

    let end = |owner, end| async move {
        let one = step("one");
        ok(journal.end(run.id, &one, EffectId::from_bits(owner), &end, later).await)
    };
    assert!(!end(1, End::Done(Context::new())).await, "who was taken over ends nothing");
    assert!(end(2, End::Released).await);
    assert!(end(2, End::Released).await, "a repeated release is the same");
    let free = "what is released is free, and has answered";
    assert_eq!(ok(take(claim(3, 9), later).await), attempt(3, 0), "{free}");
    let unknown = step("three");
    let claimed = journal.claim(run.id, &unknown, claim(1, 5), now()).await;
    assert_eq!(ok(claimed), Claimed::Over, "there is no such step");
}

/// Step `one` is claimed by the third.
async fn ends(journal: &impl Journal, run: &Run) {
    let later = now() + Duration::from_secs(6);
    let (one, two) = (step("one"), step("two"));
    let added = Context::from_iter([("emailed".to_owned(), json!(["m-1", 1.50]))]);
    let done = End::Done(added.clone());
    let third = EffectId::from_bits(3);
    assert!(ok(journal.end(run.id, &one, third, &done, later).await));
    assert!(ok(journal.end(run.id, &one, third, &done, later).await), "a repeated end is the same");
    let second = EffectId::from_bits(2);
    assert!(!ok(journal.end(run.id, &one, second, &done, later).await), "for who made it alone");
    let claimed = journal.claim(run.id, &one, claim(4, 9), later).await;
    assert_eq!(ok(claimed), Claimed::Over, "what is done stays done");

    assert_eq!(ok(journal.claim(run.id, &two, claim(7, 1), now()).await), attempt(1, 0));
    assert_eq!(ok(journal.claim(run.id, &two, claim(5, 9), later).await), attempt(2, 1));
    let failed = End::Failed("no such address".to_owned());
    assert!(ok(journal.end(run.id, &two, EffectId::from_bits(5), &failed, later).await));
    assert!(ok(journal.close(run.id, RunState::Failed).await));
    assert!(!ok(journal.close(run.id, RunState::Failed).await), "it says so already");

    let found = ok(journal.find(run.id).await);
    let state = |name| found.as_ref().map(|run| run.steps[name].state.clone());
    assert_eq!(state(&one), Some(StepState::Done { added }));
    assert_eq!(state(&two), Some(StepState::Failed { reason: "no such address".to_owned() }));
    assert_eq!(found.as_ref().map(|run| run.state), Some(RunState::Failed));
    let times = found.as_ref().map(|run| (run.steps[&one].started, run.steps[&one].ended));
    let started = now() + Duration::from_secs(5);
    assert_eq!(times, Some((Some(started), Some(later))));

    let opened = later + Duration::from_secs(60);
    let reopen =
        |steps: Vec<StepName>| async move { ok(journal.reopen(run.id, &steps, opened).await) };
    assert!(!reopen(vec![]).await, "nothing is nothing");
    assert!(!reopen(vec![one.clone(), two.clone()]).await, "what is done is not opened");
    assert!(reopen(vec![two.clone()]).await);
    assert!(!reopen(vec![two.clone()]).await, "it is open already");
    let found = ok(journal.find(run.id).await);
    let reopened = found.as_ref().map(|run| (run.state, run.steps[&two].state.clone()));
    assert_eq!(reopened, Some((RunState::Running, StepState::Pending)));
    assert_eq!(found.as_ref().map(Run::open_since), Some(opened));
    assert_eq!(ok(journal.claim(run.id, &two, claim(6, 9), later).await), attempt(3, 0));
    let unknown = RunId::from_bits(1);
    assert!(!ok(journal.reopen(unknown, &[two], opened).await), "no run is made by opening it");
    assert_eq!(ok(journal.find(unknown).await), None);
}
