//! What every [`Store`] must do, run against each implementation.

use std::time::Duration;

use super::{EffectId, Fingerprint, Key, Record, RecordId, State, Store};
use crate::clock::from_epoch_seconds as at;

fn record(key: &str, owner: u128) -> Record {
    let key: Key = key.parse().unwrap_or_else(|error| panic!("{key}: {error}"));
    Record {
        id: RecordId::new("contract", &key),
        fingerprint: Fingerprint::of(&[b"body"]),
        effect: EffectId::from_bits(owner),
        owner: EffectId::from_bits(owner),
        state: State::InProgress { lease_ends: at(1_000_000) + Duration::from_millis(1) },
        expires: at(2_000_000),
    }
}

/// Checks a store; `run` keeps the keys of one run apart from those of another.
///
/// # Panics
/// When the store breaks the contract.
pub async fn check_store(store: &impl Store, run: &str) {
    let key = |name: &str| format!("{run}-{name}");
    let now = at(999_000);

    let first = record(&key("held"), 1);
    assert_eq!(insert(store, &first, now).await, None, "a free key is claimed");
    let second = record(&key("held"), 2);
    assert_eq!(insert(store, &second, now).await, Some(first.clone()), "a held key is shown");

    let other = EffectId::from_bits(9);
    assert!(!replace(store, &second, other).await, "only the owner may replace");
    assert!(replace(store, &second, first.owner).await, "the owner may be replaced");
    assert_eq!(insert(store, &first, now).await, Some(second.clone()), "the new owner is shown");

    let done = Record { state: State::Completed { result: "\"ö\"".into() }, ..second.clone() };
    assert!(replace(store, &done, second.owner).await, "the owner completes");
    assert_eq!(insert(store, &first, now).await, Some(done.clone()), "the result is kept");
    assert!(replace(store, &done, second.owner).await, "a repeated write is the same write");
    assert!(!replace(store, &second, second.owner).await, "a result is final");
    assert!(!remove(store, &done.id, second.owner).await, "a result is not removed");

    assert_eq!(insert(store, &first, at(2_000_000)).await, None, "an expired key is free");

    let gone = record(&key("gone"), 3);
    assert_eq!(insert(store, &gone, now).await, None);
    assert!(!remove(store, &gone.id, other).await, "only the owner may remove");
    assert!(remove(store, &gone.id, gone.owner).await, "the owner removes");
    assert!(!remove(store, &gone.id, gone.owner).await, "nothing is left to remove");
    assert!(!replace(store, &gone, gone.owner).await, "what is gone is not replaced");
    assert_eq!(insert(store, &gone, now).await, None, "a removed key is free");
}

async fn insert(store: &impl Store, record: &Record, now: std::time::SystemTime) -> Option<Record> {
    store.insert(record, now).await.unwrap_or_else(|error| panic!("insert: {error}"))
}

async fn replace(store: &impl Store, record: &Record, owner: EffectId) -> bool {
    store.replace(record, owner).await.unwrap_or_else(|error| panic!("replace: {error}"))
}

async fn remove(store: &impl Store, id: &RecordId, owner: EffectId) -> bool {
    store.remove(id, owner).await.unwrap_or_else(|error| panic!("remove: {error}"))
}
