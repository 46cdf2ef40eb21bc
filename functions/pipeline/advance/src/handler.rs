//! Orders what happens for each event.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use common::invocation::Invoked;
use common::journal::{Journal, Moved, Mover, Patience, Pipeline, Publisher, RunId};
use common::problem::causes;
use common::telemetry::{Metrics, Unit};
use futures_util::{FutureExt as _, StreamExt as _, stream};

use crate::stream::{Answer, ReadError, Told, runs};

/// Runs that are moved on at the same time.
const CONCURRENCY: usize = 10;
/// Time kept for the answer.
const RESERVE: Duration = Duration::from_secs(1);
/// Messages stay away from their queues for up to 15 minutes. Sweeps come every five, by the
/// `Schedule` of the template, and not always on time.
const PATIENCE: Patience =
    Patience { after: Duration::from_mins(20), every: Duration::from_mins(6) };

/// Which runs have not ended.
pub trait Running: Send + Sync + 'static {
    /// What it fails with.
    type Error: std::error::Error + Send + Sync + 'static;

    /// A page of running runs, oldest first.
    fn page(&self, after: Option<String>)
    -> impl Future<Output = Result<Page, Self::Error>> + Send;
}

/// Some of the running runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Which, and when they were started.
    pub runs: Vec<(RunId, SystemTime)>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// The function and what it works on.
#[derive(Debug)]
pub struct Advance<J, P, R> {
    mover: Mover<J, P>,
    running: R,
    stalled_after: Duration,
    metrics: Metrics,
}

/// Why an event was not answered. It is delivered again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdvanceError<R> {
    /// The event cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The running runs could not be listed.
    #[error("the running runs cannot be listed")]
    List(#[source] R),
}

impl<J: Journal, P: Publisher, R: Running> Advance<J, P, R> {
    /// Moves runs of these pipelines.
    pub const fn new(
        pipelines: Vec<Pipeline>,
        journal: J,
        publisher: P,
        running: R,
        stalled_after: Duration,
        metrics: Metrics,
    ) -> Self {
        Self { mover: Mover::new(pipelines, journal, publisher), running, stalled_after, metrics }
    }

    /// Moves runs on because they have changed; those that could not be, or for which there was no
    /// time.
    async fn move_all(&self, runs: &[RunId], left: Option<Duration>) -> BTreeSet<RunId> {
        let mut failed: BTreeSet<RunId> = runs.iter().copied().collect();
        let moves = runs
            .iter()
            .copied()
            .map(|run| async move { (run, self.mover.advance(run).await) }.boxed());
        let mut moves = stream::iter(moves).buffer_unordered(CONCURRENCY);
        let all = async {
            while let Some((run, moved)) = moves.next().await {
                if told(run, moved).is_ok() {
                    failed.remove(&run);
                }
            }
        };
        in_time(left, all).await;
        failed
    }

    /// Moves on all runs that have not ended, the oldest first, and counts them: also if it fails,
    /// or there is no time for all.
    async fn sweep(&self, left: Option<Duration>, now: SystemTime) -> Result<(), R::Error> {
        let mut swept = Swept::default();
        let outcome = in_time(left, self.sweep_pages(&mut swept, now)).await;
        let counts = [("RunsRunning", swept.running), ("RunsStalled", swept.stalled)];
        let values = counts.map(|(name, count)| (name, Unit::Count, f64::from(count)));
        self.metrics.put(now, &values);
        outcome.unwrap_or(Ok(()))
    }

    async fn sweep_pages(&self, swept: &mut Swept, now: SystemTime) -> Result<(), R::Error> {
        let mut after = None;
        loop {
            let Page { runs, next } = self.running.page(after).await?;
            let moves = runs.into_iter().map(|(run, created)| {
                let moved =
                    async move { (run, created, self.mover.sweep(run, PATIENCE, now).await) };
                moved.boxed()
            });
            let mut moves = stream::iter(moves).buffer_unordered(CONCURRENCY);
            while let Some((run, created, moved)) = moves.next().await {
                let open_since = match told(run, moved) {
                    Ok(Some(moved)) if !moved.is_over => moved.open_since,
                    // It has come to its end just now, or expired.
                    Ok(_) => continue,
                    Err(()) => created,
                };
                swept.running += 1;
                if open_since + self.stalled_after <= now {
                    swept.stalled += 1;
                    tracing::warn!(?run, "a run is stalled");
                }
            }
            after = next;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}

/// What a sweep has found so far.
#[derive(Debug, Default)]
struct Swept {
    running: u32,
    stalled: u32,
}

/// What became of a run, unless it was not moved on: then that is logged.
fn told<E: std::error::Error + 'static>(
    run: RunId,
    moved: Result<Option<Moved>, E>,
) -> Result<Option<Moved>, ()> {
    moved.map_err(|error| tracing::error!(?run, cause = causes(&error), "a run was not moved on"))
}

/// What comes of it, if there is time for it.
async fn in_time<T>(left: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    let Some(left) = left else { return Some(work.await) };
    let done = tokio::time::timeout(left, work).await;
    done.inspect_err(|_| tracing::error!("no time was left for all runs")).ok()
}

impl<J: Journal, P: Publisher, R: Running> Invoked for Advance<J, P, R> {
    type Answer = Answer;
    type Error = AdvanceError<R::Error>;

    /// Runs that could not be moved on are no error: the answer to a stream names where to go back
    /// to, and the next sweep looks at them again.
    async fn answer(
        &self,
        event: &str,
        deadline: Option<SystemTime>,
        now: SystemTime,
    ) -> Result<Answer, Self::Error> {
        let left = deadline.map(|deadline| {
            deadline.duration_since(now).unwrap_or_default().saturating_sub(RESERVE)
        });
        match Told::read(event)? {
            Told::Changed(changes) => {
                let failed = self.move_all(&runs(&changes), left).await;
                Ok(Answer::back_to(&changes, &failed))
            }
            Told::Sweep => {
                self.sweep(left, now).await.map_err(AdvanceError::List)?;
                Ok(Answer::default())
            }
        }
    }
}
