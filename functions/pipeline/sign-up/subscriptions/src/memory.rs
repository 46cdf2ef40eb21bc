//! The in-memory twin of the table of subscribers.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::ports::{Asks, Decisions};
use crate::subscriber::{Digest, State, Subscriber};

/// Keeps subscribers in memory. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemorySubscribers(Arc<Mutex<Table>>);

#[derive(Debug, Default)]
struct Table {
    records: BTreeMap<Digest, Record>,
    writes: usize,
}

/// What is kept of a subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// How the subscription stands.
    pub state: State,
    /// Who asked, as long as there is a subscription.
    pub subscriber: Option<Subscriber>,
    /// When it was confirmed.
    pub confirmed_at: Option<SystemTime>,
}

impl MemorySubscribers {
    /// What is kept under a digest.
    #[must_use]
    pub fn record(&self, digest: &Digest) -> Option<Record> {
        self.table().records.get(digest).cloned()
    }

    /// How often something was changed.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.table().writes
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn write(&mut self, digest: &Digest, record: Record) {
        if self.records.get(digest) != Some(&record) {
            self.writes += 1;
            self.records.insert(digest.clone(), record);
        }
    }
}

impl Asks for MemorySubscribers {
    type Error = Infallible;

    async fn ask(&self, subscriber: &Subscriber) -> Result<State, Infallible> {
        let mut table = self.table();
        let digest = subscriber.address.digest();
        if let Some(found) = table.records.get(&digest) {
            return Ok(found.state);
        }
        let subscriber = Some(subscriber.clone());
        table.write(&digest, Record { state: State::Pending, subscriber, confirmed_at: None });
        Ok(State::Pending)
    }
}

impl Decisions for MemorySubscribers {
    type Error = Infallible;

    async fn confirm(&self, digest: &Digest, now: SystemTime) -> Result<Option<State>, Infallible> {
        let mut table = self.table();
        let Some(found) = table.records.get(digest).cloned() else {
            return Ok(None);
        };
        if found.state != State::Pending {
            return Ok(Some(found.state));
        }
        let confirmed = Record { state: State::Confirmed, confirmed_at: Some(now), ..found };
        table.write(digest, confirmed);
        Ok(Some(State::Confirmed))
    }

    async fn unsubscribe(&self, digest: &Digest, _: SystemTime) -> Result<(), Infallible> {
        let ended = Record { state: State::Unsubscribed, subscriber: None, confirmed_at: None };
        self.table().write(digest, ended);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_memory_twin_keeps_the_contract() {
        let store = MemorySubscribers::default();
        crate::contract::check(&store, &store, "unit").await;
    }
}
