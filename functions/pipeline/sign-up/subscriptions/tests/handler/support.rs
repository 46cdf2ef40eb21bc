//! The function on subscribers in memory, with the key that the events' links are signed with.

use std::time::SystemTime;

use common::clock::from_epoch_seconds;
use common::redact::Secret;
use common::signed::LinkKey;
use common::testing::{answer, request};
pub(crate) use common::testing::{event_with, status_and_kind, text};
use lambda_http::{Body, Response};
use subscriptions::memory::{MemorySubscribers, Record};
use subscriptions::ports::{Asks as _, Decisions};
use subscriptions::{Address, State, Subscriber, Subscriptions};

/// Reads an event by name.
macro_rules! event {
    ($name:literal) => {
        include_str!(concat!("../../../../../../events/subscriptions/", $name, ".json"))
    };
}
pub(crate) use event;

pub(crate) const NOON: u64 = 1_772_366_400;

pub(crate) fn at(seconds: u64) -> SystemTime {
    from_epoch_seconds(NOON + seconds)
}

pub(crate) fn key() -> LinkKey {
    LinkKey::new(&Secret::new("k".repeat(32))).unwrap()
}

/// Whose links the events have.
pub(crate) fn ada() -> Address {
    "ada@example.com".parse().unwrap()
}

pub(crate) struct Stage<D = MemorySubscribers> {
    function: Subscriptions<D>,
    pub(crate) store: MemorySubscribers,
}

pub(crate) fn stage() -> Stage {
    let store = MemorySubscribers::default();
    Stage { function: Subscriptions::new(key(), store.clone()), store }
}

/// The function on a store that does not answer.
pub(crate) fn broken() -> Stage<Broken> {
    let store = MemorySubscribers::default();
    Stage { function: Subscriptions::new(key(), Broken), store }
}

impl<D: Decisions> Stage<D> {
    pub(crate) async fn send(&self, event: &str) -> Response<Body> {
        self.send_at(event, at(0)).await
    }

    pub(crate) async fn send_at(&self, event: &str, now: SystemTime) -> Response<Body> {
        answer(&self.function, &request(event), now).await
    }

    /// Asks for a subscription, as `subscribe-user` does.
    pub(crate) async fn ask(&self) {
        let subscriber = Subscriber { address: ada(), username: "Ada".into(), created: at(0) };
        self.store.ask(&subscriber).await.unwrap();
    }

    pub(crate) fn record(&self) -> Option<Record> {
        self.store.record(&ada().digest())
    }

    pub(crate) fn state(&self) -> Option<State> {
        self.record().map(|record| record.state)
    }
}

#[derive(Debug)]
pub(crate) struct Broken;

#[derive(Debug, thiserror::Error)]
#[error("the table is on fire")]
pub(crate) struct Down;

impl Decisions for Broken {
    type Error = Down;

    async fn confirm(
        &self,
        _: &subscriptions::Digest,
        _: SystemTime,
    ) -> Result<Option<State>, Down> {
        Err(Down)
    }

    async fn unsubscribe(&self, _: &subscriptions::Digest, _: SystemTime) -> Result<(), Down> {
        Err(Down)
    }
}

/// The event as a program sends it.
pub(crate) fn by_a_program(event: &str) -> String {
    event_with(event, |event| event["headers"]["accept"] = "application/json".into())
}
