//! The function on stores in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use common::clock::from_epoch_seconds;
use common::journal::RunId;
use common::testing::{MemoryJournal, MemoryStore, answer, request};
pub(crate) use common::testing::{event_with, header, status_and_kind};
use create_user::entry::{Entry, Written};
use create_user::handler::Users;
use create_user::{Config, CreateUser, PIPELINE};
use lambda_http::{Body, Response};

/// Reads an event by name.
macro_rules! event {
    ($name:literal) => {
        include_str!(concat!("../../../../../../events/create-user/", $name, ".json"))
    };
}
pub(crate) use event;

pub(crate) const NOON: u64 = 1_772_366_400;

pub(crate) fn at(seconds: u64) -> SystemTime {
    from_epoch_seconds(NOON + seconds)
}

/// Users in memory: the run of each key, and the entries.
#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryUsers {
    keys: Arc<Mutex<BTreeMap<String, RunId>>>,
    entries: Arc<Mutex<Vec<Entry>>>,
    journal: MemoryJournal,
    pub(crate) trouble: Arc<Mutex<Option<Trouble>>>,
}

/// How the store fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It does nothing.
    IsDown,
    /// It does what it is asked, and fails all the same.
    LosesAnswers,
}

#[derive(Debug, thiserror::Error)]
#[error("table faas-users is on fire")]
pub(crate) struct Down;

impl Users for MemoryUsers {
    type Error = Down;

    async fn enter(&self, entry: &Entry) -> Result<Written, Down> {
        let trouble = *self.trouble.lock().unwrap();
        if trouble == Some(Trouble::IsDown) {
            return Err(Down);
        }
        let mut keys = self.keys.lock().unwrap();
        let wanted = [entry.user.username.key(), entry.user.email.key()];
        let found: Vec<RunId> = wanted.iter().filter_map(|key| keys.get(key)).copied().collect();
        let written = if found.is_empty() {
            keys.extend(wanted.map(|key| (key, entry.run.id)));
            self.entries.lock().unwrap().push(entry.clone());
            self.journal.insert(entry.run.clone());
            Written::Done
        } else if found.contains(&entry.run.id) {
            Written::Done
        } else {
            Written::Taken
        };
        if trouble.is_some() { Err(Down) } else { Ok(written) }
    }
}

impl MemoryUsers {
    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap().clone()
    }

    pub(crate) fn fail(&self, trouble: Option<Trouble>) {
        *self.trouble.lock().unwrap() = trouble;
    }
}

pub(crate) struct Stage {
    function: CreateUser<MemoryUsers, MemoryStore>,
    pub(crate) users: MemoryUsers,
    pub(crate) journal: MemoryJournal,
    pub(crate) records: MemoryStore,
}

pub(crate) fn stage() -> Stage {
    stage_with(false)
}

pub(crate) fn stage_with(webhook: bool) -> Stage {
    let config = Config {
        users_table: "users".into(),
        runs_table: "runs".into(),
        idempotency_table: "idempotency".into(),
        idempotency_retention: Duration::from_secs(3600),
        run_retention: Duration::from_secs(90 * 86_400),
        webhook,
        operators: "Root".parse().unwrap(),
    };
    let (users, records) = (MemoryUsers::default(), MemoryStore::default());
    let pipeline = PIPELINE.parse().unwrap();
    let journal = users.journal.clone();
    let function = CreateUser::new(&config, pipeline, users.clone(), records.clone());
    Stage { function, users, journal, records }
}

impl Stage {
    pub(crate) async fn send(&self, event: &str) -> Response<Body> {
        self.send_at(event, at(0)).await
    }

    pub(crate) async fn send_at(&self, event: &str, now: SystemTime) -> Response<Body> {
        answer(&self.function, &request(event), now).await
    }
}
