//! Moves runs on: publishes the steps that can be taken up, and writes down how runs end.

use std::error::Error;
use std::time::{Duration, SystemTime};

use super::pipeline::{Pipeline, StepName};
use super::run::{Run, RunId, RunState, StepState};
use super::standing::Standing;
use super::store::Journal;

/// Tells the world that a step can be taken up.
pub trait Publisher: Send + Sync + 'static {
    /// What it fails with.
    type Error: Error + Send + Sync + 'static;

    /// Publishes steps of a run. To publish one twice is harmless: it is claimed once.
    fn publish(
        &self,
        run: &Run,
        steps: &[StepName],
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// The only one who moves runs on.
///
/// It is told that something changed in a run, looks at all of it, and does what follows. So it
/// does not matter in which order it is told, how often, or what it was told before: nothing is
/// remembered that could be lost.
#[derive(Debug)]
pub struct Mover<J, P> {
    pipelines: Vec<Pipeline>,
    journal: J,
    publisher: P,
}

/// Why a run was not moved on. It is to be tried again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MoveError<J, P> {
    /// The journal failed.
    #[error("the journal failed")]
    Journal(#[source] J),
    /// A step was not published.
    #[error("a step was not published")]
    Publisher(#[source] P),
}

impl<J: Journal, P: Publisher> Mover<J, P> {
    /// Moves runs of these pipelines.
    pub const fn new(pipelines: Vec<Pipeline>, journal: J, publisher: P) -> Self {
        Self { pipelines, journal, publisher }
    }

    /// Moves a run on because something changed in it, and tells how it stands; nothing if there
    /// is no such run.
    ///
    /// # Errors
    /// When the journal or the publisher fails. Part of it may have been done.
    pub async fn advance(&self, id: RunId) -> Result<Option<Moved>, MoveError<J::Error, P::Error>> {
        self.move_on(id, None).await
    }

    /// Moves a run on because messages may be lost: publishes again what was taken up and left,
    /// and what is ready in a run about which nothing was done.
    ///
    /// # Errors
    /// As [`Mover::advance`].
    pub async fn sweep(
        &self,
        id: RunId,
        patience: Patience,
        now: SystemTime,
    ) -> Result<Option<Moved>, MoveError<J::Error, P::Error>> {
        self.move_on(id, Some((patience, now))).await
    }

    async fn move_on(
        &self,
        id: RunId,
        sweep: Option<(Patience, SystemTime)>,
    ) -> Result<Option<Moved>, MoveError<J::Error, P::Error>> {
        let found = self.journal.find(id).await.map_err(MoveError::Journal)?;
        let Some(run) = found else { return Ok(None) };
        let Some(pipeline) = self.pipelines.iter().find(|p| p.name() == run.pipeline) else {
            tracing::error!(run = ?id, "the run is of a pipeline that is not here any more");
            return Ok(Some(Moved { is_over: false, open_since: run.open_since() }));
        };
        let standing = Standing::of(pipeline, &run);
        let steps = match sweep {
            None => standing.ready().cloned().collect(),
            Some((patience, now)) => lost(&run, &standing, patience, now),
        };
        if !steps.is_empty() {
            self.publisher.publish(&run, &steps).await.map_err(MoveError::Publisher)?;
        }
        // It is swept until nothing is at work in it, also if it is clear how it will end.
        let is_over = standing.is_settled();
        let state = if is_over { standing.state } else { RunState::Running };
        if state != run.state {
            self.journal.close(id, state).await.map_err(MoveError::Journal)?;
        }
        Ok(Some(Moved { is_over, open_since: run.open_since() }))
    }
}

/// When a message counts as lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// After so long: longer than a message may stay away from its queue, because what is younger
    /// has one that comes by itself.
    pub after: Duration,
    /// Time between two sweeps at most, of which one or two in [`Patience::after`] publish: a queue
    /// that is long already must not get longer with every sweep.
    pub every: Duration,
}

impl Patience {
    /// Whether what was left alone since then is to be published by the sweep of now.
    fn is_over(self, since: SystemTime, now: SystemTime) -> bool {
        let waited = now.duration_since(since).unwrap_or_default();
        let rest = waited.as_millis() % self.after.as_millis().max(1);
        waited >= self.after && rest < self.every.as_millis()
    }
}

/// How a run stands that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Nothing happens in it any more by itself.
    pub is_over: bool,
    /// Since when it has been open.
    pub open_since: SystemTime,
}

/// Steps whose messages may be lost.
fn lost(run: &Run, standing: &Standing, patience: Patience, now: SystemTime) -> Vec<StepName> {
    let is_quiet = patience.is_over(run.last_change(), now);
    let ready = standing.ready().filter(|_| is_quiet).cloned();
    let is_left = |state: &StepState| matches!(state, StepState::Claimed { lease_ends, .. } if patience.is_over(*lease_ends, now));
    let left = run.steps.iter().filter(|(_, record)| is_left(&record.state));
    ready.chain(left.map(|(name, _)| name.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_epoch_seconds as at;

    #[test]
    fn what_is_lost_is_published_once_in_a_while() {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let patience = Patience { after: minutes(20), every: minutes(5) };
        // Whenever the first of the sweeps comes.
        for late in 0..5 {
            let sweeps = (0..24).map(|sweep| at(0) + minutes(5 * sweep + late));
            let published = sweeps.filter(|now| patience.is_over(at(0), *now));
            let times: Vec<u64> =
                published.map(|now| now.duration_since(at(0)).unwrap().as_secs() / 60).collect();
            assert_eq!(times, [20, 40, 60, 80, 100].map(|time| time + late), "of two hours");
        }
        assert!(!patience.is_over(at(9), at(0)), "it has only just begun");
    }
}
