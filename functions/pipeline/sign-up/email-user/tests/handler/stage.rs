//! The function with a run that has just started.

use std::time::{Duration, SystemTime};

use common::batch::{BatchResponse, Processor, SqsEvent};
use common::clock::from_epoch_seconds;
use common::journal::{Pipeline, Run, StepState, Steps};
use common::redact::Secret;
use common::signed::LinkKey;
use common::testing::{MemoryJournal, MemoryVisibility};
use email_user::{Config, EmailUser, PIPELINE, steps};
use mails::Outbox;
use serde_json::{Value, json};

/// Reads an event by name.
macro_rules! event {
    ($name:literal) => {
        include_str!(concat!("../../../../../../events/email-user/", $name, ".json"))
    };
}
pub(crate) use event;

/// The run that the events name.
pub(crate) const RUN: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const NOON: u64 = 1_772_366_400;

pub(crate) fn at(seconds: u64) -> SystemTime {
    from_epoch_seconds(NOON + seconds)
}

fn secret() -> Secret<String> {
    Secret::new("k".repeat(32))
}

pub(crate) fn key() -> LinkKey {
    LinkKey::new(&secret()).unwrap()
}

pub(crate) struct Stage {
    processor: Processor<Steps<MemoryJournal, EmailUser<Outbox>>, MemoryVisibility>,
    pub(crate) journal: MemoryJournal,
    pub(crate) outbox: Outbox,
    pub(crate) visibility: MemoryVisibility,
}

pub(crate) fn stage() -> Stage {
    stage_with(&json!({ "username": "Ada", "email": "ada@example.com", "locale": "de-AT" }))
}

/// The function with a run that knows this.
pub(crate) fn stage_with(context: &Value) -> Stage {
    let pipeline: Pipeline = PIPELINE.parse().unwrap();
    let (journal, outbox) = (MemoryJournal::default(), Outbox::default());
    let visibility = MemoryVisibility::default();
    let Value::Object(context) = context.clone() else { panic!("an object") };
    journal.insert(Run::new(RUN.parse().unwrap(), &pipeline, context, at(0)));
    let config = Config {
        runs_table: "runs".into(),
        max_receives: 5,
        sender: "hello@example.com".parse().unwrap(),
        configuration_set: String::new(),
        origin: "https://api.example".parse().unwrap(),
        link_key_arn: "key".into(),
    };
    let handler = steps(&config, &secret(), journal.clone(), outbox.clone()).unwrap();
    let processor = Processor::new(handler, visibility.clone(), config.batch_settings());
    Stage { processor, journal, outbox, visibility }
}

impl Stage {
    pub(crate) async fn deliver(&self, event: &str) -> BatchResponse {
        self.deliver_at(event, at(0)).await
    }

    pub(crate) async fn deliver_at(&self, event: &str, now: SystemTime) -> BatchResponse {
        let event = SqsEvent::read(event).unwrap();
        self.processor.process(&event, Some(now + Duration::from_secs(10)), now).await.unwrap()
    }

    /// How a step stands.
    pub(crate) fn state(&self, step: &str) -> StepState {
        let run = self.journal.run(RUN.parse().unwrap()).unwrap();
        run.steps[&step.parse().unwrap()].state.clone()
    }
}

/// The end of a step that sent the mail of this id.
pub(crate) fn emailed(id: &str) -> StepState {
    let Value::Object(added) = json!({ "emailed": id }) else { panic!("an object") };
    StepState::Done { added }
}

pub(crate) fn failed(reason: &str) -> StepState {
    StepState::Failed { reason: reason.to_owned() }
}
