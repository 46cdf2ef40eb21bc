//! The function on a store in memory, with texts that are kept instead of sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use common::batch::{BatchResponse, Processor, SqsEvent};
use common::clock::from_epoch_seconds;
use common::redact::Secret;
use common::telemetry::Metrics;
use common::testing::MemoryVisibility;
use sign_in::limits::{Quota, TextLimits};
use sign_in::memory::MemoryStore;
use sign_in::ports::SignIns as _;
use sign_in::{Challenge, ChallengeId, Delivery, Key, Phone};
use two_factor::TwoFactor;
use two_factor::config::{Config, Rules, SenderId};
use two_factor::handler::{TextError, Texts};

/// Reads an event by name.
macro_rules! event {
    ($name:literal) => {
        include_str!(concat!("../../../../../events/two-factor/", $name, ".json"))
    };
}
pub(crate) use event;

/// The challenge that the events name.
pub(crate) const CHALLENGE: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const NOON: u64 = 1_772_366_400;
pub(crate) const HOST: &str = "api.example";

/// Texts that would have been sent, and failures to come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outbox {
    texts: Arc<Mutex<Vec<(String, String)>>>,
    failures: Arc<Mutex<VecDeque<TextError>>>,
}

impl Texts for Outbox {
    async fn send(&self, phone: &Phone, text: &str) -> Result<(), TextError> {
        // As a provider does, this takes a moment in which others have their turn.
        tokio::task::yield_now().await;
        if let Some(failure) = self.failures.lock().unwrap().pop_front() {
            return Err(failure);
        }
        self.texts.lock().unwrap().push((phone.number().to_owned(), text.to_owned()));
        Ok(())
    }
}

impl Outbox {
    pub(crate) fn texts(&self) -> Vec<(String, String)> {
        self.texts.lock().unwrap().clone()
    }

    /// The codes that were texted, by the line that phones look for.
    pub(crate) fn codes(&self) -> Vec<String> {
        let last = |text: &str| text.rsplit(&format!("@{HOST} #")).next().unwrap().to_owned();
        self.texts().iter().map(|(_, text)| last(text)).collect()
    }

    pub(crate) fn fail(&self, failures: impl IntoIterator<Item = TextError>) {
        self.failures.lock().unwrap().extend(failures);
    }
}

pub(crate) fn key() -> Key {
    Key::new(&Secret::new("k".repeat(32))).unwrap()
}

pub(crate) fn at(seconds: u64) -> SystemTime {
    from_epoch_seconds(NOON + seconds)
}

pub(crate) fn limits() -> TextLimits {
    TextLimits { per_phone: 3, per_day: 99, per_country: 99, unconverted: 99 }
}

pub(crate) struct Stage {
    processor: Processor<TwoFactor<MemoryStore, Outbox>, MemoryVisibility>,
    pub(crate) store: MemoryStore,
    pub(crate) outbox: Outbox,
    pub(crate) visibility: MemoryVisibility,
}

pub(crate) fn stage() -> Stage {
    stage_with(limits())
}

pub(crate) fn stage_with(limits: TextLimits) -> Stage {
    let config = Config {
        sign_in_table: "sign-ins".into(),
        sign_in_key_arn: "key".into(),
        max_receives: 5,
        sender: SenderId::default(),
        rules: Rules {
            code_ttl: Duration::from_secs(300),
            limits,
            countries: "1,49".parse().unwrap(),
            host: HOST.into(),
        },
    };
    let (store, outbox) = (MemoryStore::default(), Outbox::default());
    let visibility = MemoryVisibility::default();
    let settings = config.batch_settings();
    let metrics = Metrics::new("test");
    let handler = TwoFactor::new(config.rules, key(), store.clone(), outbox.clone(), metrics);
    let processor = Processor::new(handler, visibility.clone(), settings);
    Stage { processor, store, outbox, visibility }
}

impl Stage {
    pub(crate) async fn deliver(&self, event: &str) -> BatchResponse {
        self.deliver_at(event, at(0)).await
    }

    pub(crate) async fn deliver_at(&self, event: &str, now: SystemTime) -> BatchResponse {
        self.process(event, 5, now).await
    }

    /// Delivers to an invocation that ends so many seconds later.
    pub(crate) async fn deliver_within(&self, event: &str, seconds: u64) -> BatchResponse {
        self.process(event, seconds, at(0)).await
    }

    async fn process(&self, event: &str, seconds: u64, now: SystemTime) -> BatchResponse {
        let (event, end) = (SqsEvent::read(event).unwrap(), now + Duration::from_secs(seconds));
        self.processor.process(&event, Some(end), now).await.unwrap()
    }

    /// Puts the challenge that the events name into the store.
    pub(crate) async fn ask_for_code(&self) {
        self.ask(CHALLENGE, "+15550100123").await;
    }

    pub(crate) async fn ask_in(&self, locale: &str) {
        self.ask_with(CHALLENGE, "+15550100123", locale).await;
    }

    pub(crate) async fn ask(&self, id: &str, phone: &str) {
        self.ask_with(id, phone, "en").await;
    }

    async fn ask_with(&self, id: &str, phone: &str, locale: &str) {
        let challenge = Challenge {
            id: id.parse().unwrap(),
            username: "Ada".into(),
            phone: phone.parse().unwrap(),
            locale: locale.into(),
            expires: at(600),
            number: 1,
            counted: 0,
            resend_at: at(30),
            attempts: 0,
            delivery: Delivery::Requested,
            code: None,
        };
        let quotas = quotas(id);
        assert!(self.store.begin(&challenge, &quotas).await.unwrap());
    }

    /// Asks for the next code, as a resend does.
    pub(crate) async fn ask_again(&self) {
        let found = self.challenge();
        let renewed = found.renewed(at(60));
        self.store.renew(&found, &renewed, &quotas("again")).await.unwrap();
    }

    pub(crate) fn challenge(&self) -> Challenge {
        self.store.challenge(id()).unwrap()
    }

    /// Whether a code is the one that can be entered.
    pub(crate) fn accepts(&self, code: &str) -> bool {
        let kept = self.challenge().code.unwrap();
        key().matches(&kept.mac, id(), "Ada", &code.parse().unwrap())
    }
}

pub(crate) fn id() -> ChallengeId {
    CHALLENGE.parse().unwrap()
}

fn quotas(name: &str) -> [Quota; 2] {
    ["a", "b"].map(|side| Quota::of_user(&key(), &format!("{name}{side}"), 99, 99, at(0)))
}
