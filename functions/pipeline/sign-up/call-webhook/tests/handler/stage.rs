//! The function with a run whose webhook is due.

use std::time::{Duration, SystemTime};

use call_webhook::{CallWebhook, Config, PIPELINE, steps};
use common::batch::{BatchResponse, Processor, SqsEvent};
use common::clock::from_epoch_seconds;
use common::config::Variables;
use common::journal::{Context, Pipeline, Run, StepState, Steps};
use common::redact::Secret;
use common::testing::{MemoryJournal, MemoryVisibility};
use serde_json::{Value, json};

/// Reads an event by name.
macro_rules! event {
    ($name:literal) => {
        include_str!(concat!("../../../../../../events/call-webhook/", $name, ".json"))
    };
}
pub(crate) use event;

/// The run that the events name.
pub(crate) const RUN: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const NOON: u64 = 1_772_366_400;
pub(crate) const KEY: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

pub(crate) fn at(seconds: u64) -> SystemTime {
    from_epoch_seconds(NOON + seconds)
}

/// What a sign-up knows, secrets included.
pub(crate) fn context() -> Value {
    json!({ "username": "Ada", "email": "ada@hunter2.example", "webhook": true })
}

pub(crate) struct Stage {
    processor: Processor<Steps<MemoryJournal, CallWebhook>, MemoryVisibility>,
    journal: MemoryJournal,
    pub(crate) visibility: MemoryVisibility,
}

/// A function that posts to a URL, wherever it leads, within a second.
pub(crate) fn stage(url: &str) -> Stage {
    stage_with(url, &[("ALLOW_PRIVATE_TARGETS", "true")])
}

pub(crate) fn stage_with(url: &str, more: &[(&str, &str)]) -> Stage {
    let lookup = |name: &str| {
        let found = more.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        let usual = match name {
            "RUNS_TABLE" | "WEBHOOK_KEY_ARN" => Some("set"),
            "MAX_RECEIVE_COUNT" => Some("5"),
            "WEBHOOK_STEP" => Some("call-webhook"),
            "WEBHOOK_URL" => Some(url),
            "WEBHOOK_TIMEOUT_SECONDS" => Some("1"),
            _ => None,
        };
        found.or(usual).filter(|value| !value.is_empty()).map(str::to_owned)
    };
    let config = Config::read(Variables::from_fn(&lookup)).unwrap();
    let journal = MemoryJournal::default();
    journal.insert(mailed());
    let handler = steps(&config, &Secret::new(KEY.to_owned()), journal.clone()).unwrap();
    let visibility = MemoryVisibility::default();
    let processor = Processor::new(handler, visibility.clone(), config.batch_settings());
    Stage { processor, journal, visibility }
}

/// The run, just started.
fn run() -> Run {
    let pipeline: Pipeline = PIPELINE.parse().unwrap();
    let Value::Object(context) = context() else { panic!("an object") };
    Run::new(RUN.parse().unwrap(), &pipeline, context, at(0))
}

/// The run once the step before the webhook is done.
fn mailed() -> Run {
    let mut run = run();
    let mail = run.steps.get_mut(&"email-user".parse().unwrap()).unwrap();
    let added = Context::from_iter([("emailed".to_owned(), json!("message-1"))]);
    mail.state = StepState::Done { added };
    run
}

impl Stage {
    pub(crate) async fn deliver(&self, event: &str) -> BatchResponse {
        self.deliver_at(event, at(0)).await
    }

    pub(crate) async fn deliver_at(&self, event: &str, now: SystemTime) -> BatchResponse {
        let event = SqsEvent::read(event).unwrap();
        self.processor.process(&event, Some(now + Duration::from_secs(10)), now).await.unwrap()
    }

    /// Makes the run one whose mail is due, and not its webhook.
    pub(crate) fn begin_again(&self) {
        self.journal.insert(run());
    }

    /// How the webhook's step stands.
    pub(crate) fn state(&self) -> StepState {
        let run = self.journal.run(RUN.parse().unwrap()).unwrap();
        run.steps[&"call-webhook".parse().unwrap()].state.clone()
    }

    /// Why the step has failed for good.
    pub(crate) fn reason(&self) -> String {
        match self.state() {
            StepState::Failed { reason } => reason,
            state => panic!("not failed: {state:?}"),
        }
    }

    /// Seconds until the message comes again.
    pub(crate) fn wait(&self) -> u16 {
        self.visibility.changes().last().unwrap().1
    }
}

/// What the step adds to the context for a status.
pub(crate) fn added(status: u16) -> StepState {
    StepState::Done {
        added: Context::from_iter([("call-webhook".to_owned(), json!({ "status": status }))]),
    }
}
