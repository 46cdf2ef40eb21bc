//! The function in memory, with a run whose step can be taken up.

use std::time::{Duration, SystemTime};

use common::batch::{BatchResponse, Processor, SqsEvent};
use common::clock::from_epoch_seconds;
use common::journal::{Context, Pipeline, Run, RunId, StepRecord, StepState, Steps};
use common::redact::Secret;
use common::signed::LinkKey;
use common::testing::{MemoryJournal, MemoryVisibility};
use mails::{Links, Outbox};
use serde_json::{Value, json};
use subscribe_user::{Config, PIPELINE, SubscribeUser};
use subscriptions::Address;
use subscriptions::memory::{MemorySubscribers, Record};
use subscriptions::ports::Asks;

/// Reads an event by name.
macro_rules! event {
    ($name:literal) => {
        include_str!(concat!("../../../../../../events/subscribe-user/", $name, ".json"))
    };
}
pub(crate) use event;

/// The run that the events name.
const RUN: &str = "0123456789abcdef0123456789abcdef";

pub(crate) fn at(seconds: u64) -> SystemTime {
    from_epoch_seconds(1_772_366_400 + seconds)
}

pub(crate) fn key() -> LinkKey {
    LinkKey::new(&Secret::new("k".repeat(32))).unwrap()
}

pub(crate) fn ada() -> Address {
    "ada@example.com".parse().unwrap()
}

pub(crate) struct Stage<A: Asks = MemorySubscribers> {
    processor: Processor<Steps<MemoryJournal, SubscribeUser<A, Outbox>>, MemoryVisibility>,
    journal: MemoryJournal,
    pub(crate) store: MemorySubscribers,
    pub(crate) outbox: Outbox,
}

pub(crate) fn stage() -> Stage {
    stage_with(&json!({}))
}

/// A run that knows something else.
pub(crate) fn stage_with(known: &Value) -> Stage {
    let store = MemorySubscribers::default();
    Stage::new(store.clone(), store, known)
}

impl<A: Asks> Stage<A> {
    pub(crate) fn new(asks: A, store: MemorySubscribers, known: &Value) -> Self {
        let (journal, outbox) = (MemoryJournal::default(), Outbox::default());
        journal.insert(run(known));
        let links = Links::new(key(), "https://api.example".parse().unwrap());
        let action = SubscribeUser::new(links, asks, outbox.clone());
        let steps = Steps::new(PIPELINE.parse().unwrap(), journal.clone(), action);
        let settings = config().batch_settings();
        let processor = Processor::new(steps, MemoryVisibility::default(), settings);
        Self { processor, journal, store, outbox }
    }

    pub(crate) async fn deliver(&self, event: &str) -> BatchResponse {
        self.deliver_at(event, at(0)).await
    }

    pub(crate) async fn deliver_at(&self, event: &str, now: SystemTime) -> BatchResponse {
        let event = SqsEvent::read(event).unwrap();
        self.processor.process(&event, Some(now + Duration::from_secs(5)), now).await.unwrap()
    }

    pub(crate) fn step(&self) -> StepRecord {
        let run = self.journal.run(RUN.parse().unwrap()).unwrap();
        run.steps[&"subscribe-user".parse().unwrap()].clone()
    }

    /// What the step added to the context, if it is done.
    pub(crate) fn added(&self) -> Option<Value> {
        match self.step().state {
            StepState::Done { added } => Some(Value::Object(added)),
            _ => None,
        }
    }

    pub(crate) fn record(&self) -> Option<Record> {
        self.store.record(&ada().digest())
    }
}

fn config() -> Config {
    Config {
        runs_table: "runs".into(),
        subscribers_table: "subscribers".into(),
        max_receives: 5,
        sender: "hello@example.com".parse().unwrap(),
        configuration_set: String::new(),
        link_key_arn: "key".into(),
        origin: "https://api.example".parse().unwrap(),
    }
}

/// A sign-up whose user has been welcomed.
fn run(known: &Value) -> Run {
    let id: RunId = RUN.parse().unwrap();
    let pipeline: Pipeline = PIPELINE.parse().unwrap();
    let mut context = json!({
        "username": "Ada", "email": "ada@example.com", "locale": "en", "newsletter": true
    });
    let known = known.as_object().cloned().unwrap_or_default();
    context.as_object_mut().unwrap().extend(known);
    let context: Context = context.as_object().cloned().unwrap();
    let mut run = Run::new(id, &pipeline, context, at(0));
    let added = Context::from_iter([("emailed".to_owned(), json!("mail-0"))]);
    let welcomed = StepRecord { state: StepState::Done { added }, ..StepRecord::default() };
    run.steps.insert("email-user".parse().unwrap(), welcomed);
    run
}
