//! The function, and runs in any state.

use std::time::{Duration, SystemTime};

use common::clock::from_epoch_seconds;
use common::idempotency::EffectId;
use common::journal::{Context, Journal, Pipeline, Run, RunId, RunState, StepRecord, StepState};
use common::testing::{MemoryJournal, answer, request};
pub(crate) use common::testing::{event_with, header, status_and_kind, text};
use lambda_http::{Body, Response};
use runs::ports::{Runs, Sessions};
use runs::testing::{MemoryRuns, MemorySessions};
use runs::{RunsFunction, pipelines};
use serde_json::{Value, json};
use sign_in::{Session, Token};

/// Reads an event by name.
macro_rules! event {
    ($name:literal) => {
        include_str!(concat!("../../../../../events/runs/", $name, ".json"))
    };
}
pub(crate) use event;

/// The run that the events name.
pub(crate) const RUN: &str = "0123456789abcdef0123456789abcdef";
const NOON: u64 = 1_772_366_400;

/// With a person, and a step for a failure.
pub(crate) const RELEASE: &str = r#"{"name":"release","steps":[
    {"name":"build","kind":"function","required":true,"on_failure":"open-ticket"},
    {"name":"approve","kind":"person","required":true,"after":["build"]},
    {"name":"announce","kind":"webhook","required":false,"when":"channel","after":["approve"]},
    {"name":"open-ticket","kind":"function","required":true}
]}"#;

pub(crate) fn at(millis: u64) -> SystemTime {
    from_epoch_seconds(NOON) + Duration::from_millis(millis)
}

pub(crate) fn context(value: &Value) -> Context {
    value.as_object().unwrap().clone()
}

pub(crate) fn pipelines() -> Vec<Pipeline> {
    let mut all = pipelines::embedded().unwrap();
    all.push(RELEASE.parse().unwrap());
    all
}

/// The run that the events name, just started at noon.
pub(crate) fn started(pipeline: &str, known: &Value) -> Run {
    let all = pipelines();
    let pipeline = all.iter().find(|found| found.name() == pipeline).unwrap();
    Run::new(RUN.parse().unwrap(), pipeline, context(known), at(0))
}

/// A sign-up whose mail is sent after a second attempt, and whose subscription is at work.
pub(crate) fn signing_up() -> Run {
    let known = json!({
        "username": "Ada", "email": "ada@example.com", "phone": "+15550100123",
        "locale": "en", "newsletter": true
    });
    let mut run = started("sign-up", &known);
    set(&mut run, "email-user", done(&json!({ "emailed": "0100-message" })), 2, Some(812));
    set(&mut run, "subscribe-user", claimed(), 1, None);
    run
}

/// A sign-up whose mail cannot be sent.
pub(crate) fn failing() -> Run {
    let mut run = started("sign-up", &json!({ "username": "Ada", "newsletter": true }));
    let reason = "not verified: <ada@example.com>".to_owned();
    set(&mut run, "email-user", StepState::Failed { reason }, 5, Some(3_000));
    run.state = RunState::Failed;
    run
}

pub(crate) fn done(added: &Value) -> StepState {
    StepState::Done { added: context(added) }
}

pub(crate) fn claimed() -> StepState {
    StepState::Claimed { owner: EffectId::from_bits(1), lease_ends: at(60_000) }
}

/// Sets a step that was taken up 100 ms after noon.
pub(crate) fn set(run: &mut Run, step: &str, state: StepState, attempts: u32, ended: Option<u64>) {
    let (started, ended) = (Some(at(100)), ended.map(at));
    let record = StepRecord { state, attempts, answered: attempts, started, ended };
    run.steps.insert(step.parse().unwrap(), record);
}

/// The function and its stores. Ada and Bob are signed in; Ada is an operator.
pub(crate) struct Stage<J = MemoryJournal, R = MemoryRuns, S = MemorySessions> {
    function: RunsFunction<J, R, S>,
    pub(crate) journal: MemoryJournal,
}

/// The token that the events carry.
pub(crate) const TOKEN_OF_ADA: &str =
    "0000000000000000000000000000000000000000000000000000000000000000";
pub(crate) const TOKEN_OF_BOB: &str =
    "1111111111111111111111111111111111111111111111111111111111111111";

pub(crate) fn stage() -> Stage {
    let sessions = MemorySessions::default();
    for (token, name) in [(TOKEN_OF_ADA, "Ada"), (TOKEN_OF_BOB, "Bob")] {
        let digest = Token::parse(token).unwrap().digest();
        let username = name.to_owned();
        sessions.insert(Session { digest, username, expires: at(3_600_000) });
    }
    let journal = MemoryJournal::default();
    Stage::new(journal.clone(), MemoryRuns(journal.clone()), sessions, journal)
}

/// The function, with one run.
pub(crate) fn stage_with(run: Run) -> Stage {
    let stage = stage();
    stage.journal.insert(run);
    stage
}

impl<J: Journal, R: Runs, S: Sessions> Stage<J, R, S> {
    pub(crate) fn new(working_on: J, runs: R, sessions: S, journal: MemoryJournal) -> Self {
        let operators = " ADA ".parse().unwrap();
        let function = RunsFunction::new(pipelines(), operators, working_on, runs, sessions);
        Self { function, journal }
    }

    pub(crate) async fn send(&self, event: &str) -> Response<Body> {
        self.send_at(event, at(5_000)).await
    }

    pub(crate) async fn send_at(&self, event: &str, now: SystemTime) -> Response<Body> {
        answer(&self.function, &request(event), now).await
    }

    pub(crate) fn run(&self) -> Run {
        self.journal.run(RUN.parse::<RunId>().unwrap()).unwrap()
    }
}

/// An event to another path, with another method.
pub(crate) fn event_to(event: &str, method: &str, path: &str) -> String {
    event_with(event, |event| {
        event["requestContext"]["http"]["method"] = json!(method);
        event["rawPath"] = json!(path);
    })
}
