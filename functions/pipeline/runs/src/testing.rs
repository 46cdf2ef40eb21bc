//! In-memory twins of the stores, and the contract that lists keep in each implementation.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use common::journal::{Run, RunState};
use common::testing::MemoryJournal;
use sign_in::{Session, TokenDigest};

use crate::list::{Entry, Listed, PageRequest};
use crate::ports::{Runs, Sessions};

/// Lists the runs of a journal in memory.
#[derive(Debug, Clone)]
pub struct MemoryRuns(pub MemoryJournal);

impl Runs for MemoryRuns {
    type Error = Infallible;

    async fn list(&self, page: &PageRequest) -> Result<Listed, Infallible> {
        let runs = self.0.runs().into_iter().filter(|run| run.state == page.state);
        let entry = |run: Run| Entry { id: run.id, pipeline: run.pipeline, created: run.created };
        let mut entries: Vec<Entry> = runs.map(entry).collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.position()));
        if let Some(after) = page.after {
            entries.retain(|entry| entry.position() < after);
        }
        let has_more = entries.len() > usize::from(page.limit);
        entries.truncate(page.limit.into());
        let last = entries.last().filter(|_| has_more).map(Entry::position);
        Ok(Listed { entries, last })
    }
}

/// Keeps sessions in memory. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemorySessions(Arc<Mutex<HashMap<TokenDigest, Session>>>);

impl MemorySessions {
    /// Signs somebody in.
    pub fn insert(&self, session: Session) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.insert(session.digest.clone(), session);
    }
}

impl Sessions for MemorySessions {
    type Error = Infallible;

    async fn session(
        &self,
        digest: &TokenDigest,
        now: SystemTime,
    ) -> Result<Option<Session>, Infallible> {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(sessions.get(digest).filter(|session| session.expires > now).cloned())
    }
}

/// Checks a list with three failed runs that were just started, the later the higher the place:
/// all of them in the implementation's own store, later than all others in it.
///
/// # Panics
/// When the list breaks the contract.
pub async fn check_runs(runs: &impl Runs, started: [Entry; 3]) {
    let mut newest_first = started.to_vec();
    newest_first.reverse();
    let page = |state, limit, after| PageRequest { state, limit, after };
    let first = listed(runs, page(RunState::Failed, 2, None)).await;
    assert_eq!(first.entries, newest_first[..2], "the newest come first, no more than asked for");
    assert_eq!(first.last, Some(newest_first[1].position()), "there is more");
    let second = listed(runs, page(RunState::Failed, 1, first.last)).await;
    assert_eq!(second.entries, newest_first[2..], "a page begins where the one before ended");
    let done = listed(runs, page(RunState::Done, 100, None)).await;
    let is_there = |entry: &Entry| done.entries.contains(entry);
    assert!(!started.iter().any(is_there), "each state has a list of its own");
}

#[expect(clippy::panic, reason = "a test may panic")]
async fn listed(runs: &impl Runs, page: PageRequest) -> Listed {
    runs.list(&page).await.unwrap_or_else(|error| panic!("{error}"))
}
