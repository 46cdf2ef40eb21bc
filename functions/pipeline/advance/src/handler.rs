//! Orders what happens for each event.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use common::invocation::Invoked;
use common::journal::{Journal, Mover, Pipeline, Publisher, RunId};
use common::problem::causes;
use common::telemetry::{Metrics, Unit};
use futures_util::{FutureExt as _, StreamExt as _, stream};

use crate::stream::{Answer, ReadError, Told, runs};

/// Runs that are moved on at the same time.
const CONCURRENCY: usize = 10;
/// Time kept for the answer.
const RESERVE: Duration = Duration::from_secs(1);
/// Steps that were taken up and left for longer are published again: longer than a message that
/// failed stays away from its queue, so that it comes again by itself first.
const LEFT_FOR: Duration = Duration::from_mins(5);

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

    /// Moves runs on; those that could not be, or for which there was no time.
    async fn move_all(
        &self,
        runs: &[RunId],
        left: Option<Duration>,
        since: Option<SystemTime>,
    ) -> BTreeSet<RunId> {
        let mut failed: BTreeSet<RunId> = runs.iter().copied().collect();
        let moves = runs.iter().copied().map(|run| self.move_one(run, since).boxed());
        let mut moves = stream::iter(moves).buffer_unordered(CONCURRENCY);
        let all = async {
            while let Some((run, is_moved)) = moves.next().await {
                if is_moved {
                    failed.remove(&run);
                }
            }
        };
        match left {
            None => all.await,
            Some(left) => {
                if tokio::time::timeout(left, all).await.is_err() {
                    tracing::error!("no time was left for all runs");
                }
            }
        }
        failed
    }

    /// Moves a run on; whether that went well.
    async fn move_one(&self, run: RunId, since: Option<SystemTime>) -> (RunId, bool) {
        let moved = match since {
            Some(since) => self.mover.sweep(run, since).await,
            None => self.mover.advance(run).await,
        };
        if let Err(error) = &moved {
            tracing::error!(?run, cause = causes(error), "a run was not moved on");
        }
        (run, moved.is_ok())
    }

    async fn sweep(&self, left: Option<Duration>, now: SystemTime) -> Result<(), R::Error> {
        let (mut after, mut stalled, mut seen) = (None, 0_u32, 0_u32);
        loop {
            let Page { runs: page, next } = self.running.page(after).await?;
            let is_stalled = |created: &SystemTime| *created + self.stalled_after <= now;
            for (run, _) in page.iter().filter(|(_, created)| is_stalled(created)) {
                stalled += 1;
                tracing::warn!(?run, "a run is stalled");
            }
            seen += u32::try_from(page.len()).unwrap_or(u32::MAX);
            let runs: Vec<RunId> = page.into_iter().map(|(run, _)| run).collect();
            let failed = self.move_all(&runs, left, Some(now - LEFT_FOR)).await;
            after = next;
            if after.is_none() || !failed.is_empty() {
                break;
            }
        }
        let counts = [("RunsRunning", f64::from(seen)), ("RunsStalled", f64::from(stalled))];
        self.metrics.put(now, &counts.map(|(name, count)| (name, Unit::Count, count)));
        Ok(())
    }
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
                let failed = self.move_all(&runs(&changes), left, None).await;
                Ok(Answer::back_to(&changes, &failed))
            }
            Told::Sweep => {
                self.sweep(left, now).await.map_err(AdvanceError::List)?;
                Ok(Answer::default())
            }
        }
    }
}
