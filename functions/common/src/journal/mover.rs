//! Moves runs on: publishes the steps that can be taken up, and writes down how runs end.

use std::error::Error;
use std::time::SystemTime;

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

    /// Moves a run on because messages may be lost: publishes again what was taken up and left
    /// before `since`, and what is ready if nothing was done about the run since then. What is
    /// younger has a message that waits for its turn, and to add to a queue that is long already
    /// would make it longer still.
    ///
    /// # Errors
    /// As [`Mover::advance`].
    pub async fn sweep(
        &self,
        id: RunId,
        since: SystemTime,
    ) -> Result<Option<Moved>, MoveError<J::Error, P::Error>> {
        self.move_on(id, Some(since)).await
    }

    async fn move_on(
        &self,
        id: RunId,
        swept_since: Option<SystemTime>,
    ) -> Result<Option<Moved>, MoveError<J::Error, P::Error>> {
        let found = self.journal.find(id).await.map_err(MoveError::Journal)?;
        let Some(run) = found else { return Ok(None) };
        let Some(pipeline) = self.pipelines.iter().find(|p| p.name() == run.pipeline) else {
            tracing::error!(run = ?id, "the run is of a pipeline that is not here any more");
            return Ok(None);
        };
        let standing = Standing::of(pipeline, &run);
        let steps = match swept_since {
            None => standing.ready().cloned().collect(),
            Some(since) => lost(&run, &standing, since),
        };
        if !steps.is_empty() {
            self.publisher.publish(&run, &steps).await.map_err(MoveError::Publisher)?;
        }
        // Until then it is swept.
        let is_over = standing.state == RunState::Running || standing.is_settled();
        if is_over && standing.state != run.state {
            self.journal.close(id, standing.state).await.map_err(MoveError::Journal)?;
        }
        Ok(Some(Moved { state: standing.state, open_since: run.open_since() }))
    }
}

/// How a run stands that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// How it stands.
    pub state: RunState,
    /// Since when it has been open.
    pub open_since: SystemTime,
}

/// Steps whose messages may be lost.
fn lost(run: &Run, standing: &Standing, since: SystemTime) -> Vec<StepName> {
    let is_quiet = run.last_change() < since;
    let ready = standing.ready().filter(|_| is_quiet).cloned();
    let is_left = |state: &StepState| matches!(state, StepState::Claimed { lease_ends, .. } if *lease_ends < since);
    let left = run.steps.iter().filter(|(_, record)| is_left(&record.state));
    ready.chain(left.map(|(name, _)| name.clone())).collect()
}
