//! The in-memory twin of the DynamoDB store.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::{EffectId, Record, RecordId, State, Store};

/// Keeps records in memory, for tests.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    records: Arc<Mutex<HashMap<String, Record>>>,
}

impl MemoryStore {
    fn records(&self) -> MutexGuard<'_, HashMap<String, Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_held_by(record: Option<&Record>, owner: EffectId) -> bool {
    record.is_some_and(|record| {
        record.owner == owner && matches!(record.state, State::InProgress { .. })
    })
}

impl Store for MemoryStore {
    type Error = Infallible;

    async fn insert(&self, record: &Record, now: SystemTime) -> Result<Option<Record>, Infallible> {
        let mut records = self.records();
        match records.get(record.id.as_str()) {
            Some(found) if found.expires > now => Ok(Some(found.clone())),
            _ => {
                records.insert(record.id.as_str().to_owned(), record.clone());
                Ok(None)
            }
        }
    }

    async fn replace(&self, record: &Record, owner: EffectId) -> Result<bool, Infallible> {
        let mut records = self.records();
        let found = records.get(record.id.as_str());
        if found == Some(record) {
            return Ok(true);
        }
        let held = is_held_by(found, owner);
        if held {
            records.insert(record.id.as_str().to_owned(), record.clone());
        }
        Ok(held)
    }

    async fn remove(&self, id: &RecordId, owner: EffectId) -> Result<bool, Infallible> {
        let mut records = self.records();
        let held = is_held_by(records.get(id.as_str()), owner);
        if held {
            records.remove(id.as_str());
        }
        Ok(held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_memory_store_keeps_the_contract() {
        super::super::contract::check_store(&MemoryStore::default(), "unit").await;
    }
}
