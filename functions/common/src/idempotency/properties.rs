//! Schedules of attempts that crash, repeat and wait, against the memory store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use futures_util::FutureExt as _;
use proptest::prelude::*;

use super::memory::MemoryStore;
use super::*;
use crate::clock::from_epoch_seconds as at;

const LEASE: Duration = Duration::from_secs(10);
const RETENTION: Duration = Duration::from_secs(1_000);

/// A store whose every call takes a turn, so that a crash can fall before or after it.
#[derive(Clone, Default)]
struct Turns(MemoryStore);

impl Store for Turns {
    type Error = std::convert::Infallible;

    async fn insert(&self, r: &Record, now: SystemTime) -> Result<Option<Record>, Self::Error> {
        tokio::task::yield_now().await;
        let found = self.0.insert(r, now).await;
        tokio::task::yield_now().await;
        found
    }

    async fn replace(&self, record: &Record, owner: EffectId) -> Result<bool, Self::Error> {
        tokio::task::yield_now().await;
        let kept = self.0.replace(record, owner).await;
        tokio::task::yield_now().await;
        kept
    }

    async fn remove(&self, id: &RecordId, owner: EffectId) -> Result<bool, Self::Error> {
        tokio::task::yield_now().await;
        self.0.remove(id, owner).await
    }
}

/// What the effect writes: one row per effect id, as a conditional write would.
type Rows = Arc<Mutex<HashMap<String, u32>>>;

#[derive(Debug, Clone)]
struct Step {
    /// Seconds since the step before.
    wait: u64,
    /// Which of two requests is sent with the key.
    body: u8,
    /// The turn after which the attempt dies, if it does.
    dies_after: Option<usize>,
    /// What the effect ends in.
    fails: Option<bool>,
}

fn step() -> impl Strategy<Value = Step> {
    let fails = prop_oneof![4 => Just(None), 1 => any::<bool>().prop_map(Some)];
    (0_u64..15, 0_u8..2, proptest::option::of(0_usize..8), fails)
        .prop_map(|(wait, body, dies_after, fails)| Step { wait, body, dies_after, fails })
}

type Answer = Result<Outcome<String>, Error<std::convert::Infallible, ()>>;

/// Starts an attempt: claims, writes the row, returns the row's name.
fn start(
    store: &Turns,
    rows: &Rows,
    token: u128,
    now: SystemTime,
    step: &Step,
) -> impl Future<Output = Answer> + 'static {
    let guard = Guard::new(store.clone(), RETENTION);
    let attempt = Attempt {
        id: RecordId::new("test", &"key".parse().unwrap()),
        fingerprint: Fingerprint::of(&[&[step.body]]),
        token: EffectId::from_bits(token),
        now,
        lease: LEASE,
    };
    let (rows, fails, body) = (Arc::clone(rows), step.fails, step.body);
    async move {
        let effect = |id: EffectId| async move {
            tokio::task::yield_now().await;
            if fails == Some(true) {
                return Err(Failed::Clean(()));
            }
            let row = format!("{body}/{id}");
            *rows.lock().unwrap().entry(row.clone()).or_default() += 1;
            tokio::task::yield_now().await;
            if fails == Some(false) { Err(Failed::Unsure(())) } else { Ok(row) }
        };
        guard.run(attempt, effect).await
    }
}

proptest! {
    /// Attempts one after the other, each of which may die at any point.
    #[test]
    fn one_key_makes_one_row_whatever_dies(steps in proptest::collection::vec(step(), 1..12)) {
        let (store, rows) = (Turns::default(), Rows::default());
        let mut now = at(1_000_000);
        let mut answers = Vec::new();
        for (token, step) in (1_u128..).zip(&steps) {
            now += Duration::from_secs(step.wait);
            let mut running = Box::pin(start(&store, &rows, token, now, step));
            let waker = futures_util::task::noop_waker();
            let mut turns = 0;
            let answer = loop {
                let mut cx = std::task::Context::from_waker(&waker);
                if let std::task::Poll::Ready(answer) = running.poll_unpin(&mut cx) {
                    break Some(answer);
                }
                turns += 1;
                if step.dies_after.is_some_and(|after| turns > after) {
                    break None;
                }
            };
            if let Some(Ok(Outcome::Done(row) | Outcome::Replayed(row))) = answer {
                answers.push((step.body, row));
            }
        }
        // A clean failure frees the key only if nothing can have happened before it.
        prop_assert!(rows.lock().unwrap().len() <= 1);
        // All answers are the same row, and it is a row that exists.
        for (body, row) in &answers {
            prop_assert_eq!(row, &answers[0].1);
            prop_assert!(rows.lock().unwrap().contains_key(row));
            prop_assert!(row.starts_with(&format!("{body}/")), "an answer to another request");
        }
    }

    /// Attempts at the same time, taking turns in any order.
    #[test]
    fn attempts_at_once_make_one_row(order in proptest::collection::vec(0_usize..4, 0..60)) {
        let (store, rows) = (Turns::default(), Rows::default());
        let same = Step { wait: 0, body: 1, dies_after: None, fails: None };
        let now = at(1_000_000);
        let mut running: Vec<_> = (1_u128..=4)
            .map(|token| Some(Box::pin(start(&store, &rows, token, now, &same))))
            .collect();
        let waker = futures_util::task::noop_waker();
        let finish = std::iter::repeat_n([0, 1, 2, 3], 20).flatten();
        for which in order.into_iter().chain(finish) {
            let Some(attempt) = &mut running[which] else { continue };
            let mut cx = std::task::Context::from_waker(&waker);
            if attempt.poll_unpin(&mut cx).is_ready() {
                running[which] = None;
            }
        }
        prop_assert!(running.iter().all(Option::is_none));
        let rows = rows.lock().unwrap();
        prop_assert_eq!(rows.values().copied().collect::<Vec<_>>(), vec![1]);
    }
}
