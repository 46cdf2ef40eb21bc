//! The function on a store in memory, with one user whose code is chosen.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, SystemTime};

use common::clock::from_epoch_seconds;
use common::event::CloudEvent;
use common::password;
use common::redact::Secret;
use common::testing::{answer, request};
pub(crate) use common::testing::{event_with, header, status_and_kind, text};
use lambda_http::{Body, Response};
use login::Login;
use login::config::Rules;
use login::handler::CodesQueue;
use sign_in::event::CodeRequested;
use sign_in::limits::{TextLimits, TextQuota};
use sign_in::memory::MemoryStore;
use sign_in::ports::{Codes as _, Registered, Registration, SignIns};
use sign_in::{Challenge, ChallengeId, Delivery, Key, RegisteredCode, User};

/// Reads an event by name.
macro_rules! event {
    ($name:literal) => {
        include_str!(concat!("../../../../../events/login/", $name, ".json"))
    };
}
pub(crate) use event;

/// The challenge that the events name.
pub(crate) const CHALLENGE: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const NOON: u64 = 1_772_366_400;

#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryQueue {
    asked: Arc<Mutex<Vec<CloudEvent<CodeRequested>>>>,
    is_down: Arc<Mutex<bool>>,
}

#[derive(Debug, thiserror::Error)]
#[error("the queue is on fire")]
pub(crate) struct Down;

impl CodesQueue for MemoryQueue {
    type Error = Down;

    async fn ask(&self, event: &CloudEvent<CodeRequested>) -> Result<(), Down> {
        if *self.is_down.lock().unwrap() {
            return Err(Down);
        }
        self.asked.lock().unwrap().push(event.clone());
        Ok(())
    }
}

impl MemoryQueue {
    pub(crate) fn asked(&self) -> Vec<CloudEvent<CodeRequested>> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn break_down(&self) {
        *self.is_down.lock().unwrap() = true;
    }
}

pub(crate) fn rules() -> Rules {
    Rules {
        sign_in_ttl: Duration::from_secs(600),
        session_ttl: Duration::from_secs(3600),
        max_attempts: 5,
        max_codes: 3,
        resend_cooldown: Duration::from_secs(30),
        max_failures_per_user: 4,
        max_failures_per_address: 6,
        max_codes_per_user: 3,
        max_codes_per_address: 5,
        min_conversion_percent: 20,
    }
}

pub(crate) fn key() -> Key {
    Key::new(&Secret::new("k".repeat(32))).unwrap()
}

pub(crate) fn at(seconds: u64) -> SystemTime {
    from_epoch_seconds(NOON + seconds)
}

/// The function, its store and its queue.
pub(crate) struct Stage<S = MemoryStore> {
    login: Login<S, MemoryQueue>,
    pub(crate) store: MemoryStore,
    pub(crate) queue: MemoryQueue,
}

pub(crate) fn stage() -> Stage {
    let store = MemoryStore::default();
    Stage::new(rules(), store.clone(), store)
}

impl<S: SignIns + 'static> Stage<S> {
    /// The function on a store that works on what `store` holds.
    pub(crate) fn new(rules: Rules, working_on: S, store: MemoryStore) -> Self {
        static HASH: LazyLock<String> =
            LazyLock::new(|| password::hash("correct horse battery staple").unwrap());
        let user = User {
            username: "Ada".into(),
            password: HASH.clone(),
            phone: "+15550100123".parse().unwrap(),
            locale: "en".into(),
        };
        store.add_user(&"ada".parse().unwrap(), user);
        let queue = MemoryQueue::default();
        Self { login: Login::new(rules, key(), working_on, queue.clone()), store, queue }
    }

    pub(crate) async fn send(&self, event: &str) -> Response<Body> {
        self.send_at(event, at(0)).await
    }

    pub(crate) async fn send_at(&self, event: &str, now: SystemTime) -> Response<Body> {
        answer(&self.login, &request(event), now).await
    }

    /// Puts the challenge that the events name into the store, with a code that was sent.
    pub(crate) async fn challenge_with_code(&self, code: &str) -> Challenge {
        self.put(Delivery::Requested).await;
        let registration = registration(1, code);
        let mac = &registration.code.mac;
        assert_eq!(self.store.register(&registration, at(0)).await.unwrap(), Registered::Done);
        let id = registration.id;
        assert!(self.store.settle(id, 1, Some(mac), Delivery::Sent).await.unwrap());
        self.store.challenge(id).unwrap()
    }

    /// Makes the code that a resend asked for, if it did.
    pub(crate) async fn register_next(&self, code: &str) -> bool {
        let registered = self.store.register(&registration(2, code), at(30)).await.unwrap();
        registered == Registered::Done
    }

    /// Puts the challenge that the events name into the store.
    pub(crate) async fn put(&self, delivery: Delivery) {
        let challenge = Challenge {
            id: CHALLENGE.parse().unwrap(),
            username: "Ada".into(),
            phone: "+15550100123".parse().unwrap(),
            locale: "en".into(),
            expires: at(600),
            number: 1,
            counted: 0,
            resend_at: at(30),
            attempts: 0,
            delivery,
            code: None,
        };
        let quota = |name: &str| sign_in::limits::Quota::of_user(&key(), name, 99, 99, at(0));
        assert!(self.store.begin(&challenge, &[quota("put-1"), quota("put-2")]).await.unwrap());
    }
}

/// A code of the challenge that the events name.
fn registration(number: u32, code: &str) -> Registration {
    let id: ChallengeId = CHALLENGE.parse().unwrap();
    let mac = key().mac(id, "Ada", &code.parse().unwrap());
    let limits = TextLimits { per_phone: 9, per_day: 9, per_country: 9, unconverted: 9 };
    let phone = "+15550100123".parse().unwrap();
    Registration {
        id,
        number,
        code: RegisteredCode { mac, expires: at(300) },
        lease_ends: at(5),
        quota: TextQuota::of(&key(), &phone, limits, at(0)),
        is_counted: false,
    }
}
