//! Orders the records of a batch, and makes one answer of their outcomes.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, SystemTime};

use futures_util::{FutureExt as _, StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument as _;

use super::backoff::seconds;
use super::event::Envelope;
use super::outcome::{Kind, Outcome, Trouble};
use super::{
    Backoff, BatchError, BatchResponse, Change, Counts, Record, RecordHandler, SqsEvent, Visibility,
};
use crate::problem::causes;

/// How a batch is worked through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How many records are at work at once, at most.
    pub concurrency: NonZeroUsize,
    /// The `maxReceiveCount` of the queue, for [`Record::is_last_receive`].
    pub max_receives: Option<u32>,
    /// Time kept for the answer: no record is at work any more when only this much is left. Half
    /// of it is for telling SQS when messages are to come again.
    ///
    /// Not as long as the timeout of the function: then no record would be started.
    pub reserve: Duration,
    /// How long messages that failed stay away.
    pub backoff: Backoff,
}

impl Default for Settings {
    /// Ten at once, one second in reserve, the default back-off; which receive is the last is not
    /// known.
    fn default() -> Self {
        Self {
            concurrency: NonZeroUsize::MIN.saturating_add(9),
            max_receives: None,
            reserve: Duration::from_secs(1),
            backoff: Backoff::default(),
        }
    }
}

/// Hands the records of a batch to a handler.
#[derive(Debug, Clone)]
pub struct Processor<H, V> {
    handler: H,
    visibility: V,
    settings: Settings,
}

/// The times of one batch.
struct Times {
    now: SystemTime,
    started: Instant,
    /// Time from the start of the batch after which no record is at work.
    budget: Option<Duration>,
}

impl Times {
    fn now(&self) -> SystemTime {
        self.now + self.started.elapsed()
    }

    fn cut(&self) -> Option<Instant> {
        self.budget.map(|budget| self.started + budget)
    }
}

impl<H: RecordHandler, V: Visibility> Processor<H, V> {
    /// Combines a handler and where its failures are sent.
    pub const fn new(handler: H, visibility: V, settings: Settings) -> Self {
        Self { handler, visibility, settings }
    }

    /// The handler.
    pub const fn handler(&self) -> &H {
        &self.handler
    }

    /// Works through a batch that arrived at `now` and has until `deadline`.
    ///
    /// # Errors
    /// When a record failed that cannot be named in the answer. One that cannot even be read is
    /// noticed before any record is handled.
    pub async fn process(
        &self,
        event: &SqsEvent<'_>,
        deadline: Option<SystemTime>,
        now: SystemTime,
    ) -> Result<BatchResponse, BatchError> {
        let nameless = |record: &&Envelope<'_>| record.message_id.is_empty();
        let unread = event.records.iter().filter(|record| record.is_malformed);
        let hopeless = unread.filter(nameless).count();
        if hopeless > 0 {
            return Err(BatchError::Nameless(hopeless));
        }
        // A deadline that has passed leaves no time, which is not the same as no deadline.
        let left = deadline.map(|deadline| deadline.duration_since(now).unwrap_or_default());
        let budget = left.map(|left| left.saturating_sub(self.settings.reserve));
        let times = Times { now, started: Instant::now(), budget };

        let lanes = stream::iter(lanes(event)).map(|lane| self.run_lane(event, lane, &times));
        let mut outcomes: Vec<(usize, Outcome)> = lanes
            .buffer_unordered(self.settings.concurrency.get())
            .flat_map(stream::iter)
            .collect()
            .await;
        outcomes.sort_unstable_by_key(|(index, _)| *index);
        let failed: Vec<(&Envelope<'_>, u16)> = outcomes
            .iter()
            .filter_map(|(index, outcome)| Some((&event.records[*index], outcome.seconds()?)))
            .collect();

        let end = left.map(|left| times.started + left.saturating_sub(self.settings.reserve / 2));
        self.change_visibility(event, &failed, end).await;
        let unnamed = failed.iter().filter(|(record, _)| nameless(record)).count();
        if unnamed > 0 {
            return Err(BatchError::Nameless(unnamed));
        }
        let ids = failed.iter().map(|(record, _)| record.message_id.as_ref());
        Ok(BatchResponse::new(ids, count(&outcomes)))
    }

    /// Runs the records of one lane in order; after the first failure the rest only shares it.
    async fn run_lane(
        &self,
        event: &SqsEvent<'_>,
        lane: Vec<usize>,
        times: &Times,
    ) -> Vec<(usize, Outcome)> {
        let mut outcomes = Vec::with_capacity(lane.len());
        let mut held_back = None;
        for index in lane {
            let record = &event.records[index];
            let outcome = self.run(record, held_back, times).await;
            held_back = held_back.or(outcome.seconds());
            outcomes.push((index, outcome));
        }
        outcomes
    }

    /// Runs one record and logs what became of it.
    async fn run(&self, record: &Envelope<'_>, held_back: Option<u16>, times: &Times) -> Outcome {
        let span = tracing::info_span!(
            "record",
            message_id = record.message_id.as_ref(),
            receive_count = record.receive_count(),
            trace_header = record.trace_header(),
        );
        let began = Instant::now();
        let running = async {
            let result = match held_back {
                Some(seconds) => Err(Trouble::held_back(seconds)),
                None => self.attempt(record, times).await,
            };
            let duration = began.elapsed();
            match result {
                Ok(()) => Outcome::handled(duration),
                Err(trouble) => {
                    let seconds = self.seconds(record, &trouble);
                    trouble.outcome(seconds, duration)
                }
            }
        };
        running.instrument(span).await
    }

    async fn attempt(&self, record: &Envelope<'_>, times: &Times) -> Result<(), Trouble> {
        let cut = times.cut();
        if cut.is_some_and(|cut| Instant::now() >= cut) {
            return Err(Trouble::cut_off("no time was left to begin"));
        }
        if record.is_malformed {
            return Err(Trouble::malformed());
        }
        let work = async {
            let body = self.handler.decode(&record.body).map_err(|error| Trouble::body(&error))?;
            let receive_count = record.receive_count();
            let record = Record {
                message_id: record.message_id.clone().into_owned(),
                body,
                receive_count,
                is_last_receive: self.is_last(receive_count),
                group_id: record.group_id().map(str::to_owned),
                deadline: times.budget.map(|budget| times.now + budget),
                trace_header: record.trace_header().map(str::to_owned),
                attributes: record.text_attributes(),
            };
            self.handler.handle(record, times.now()).await.map_err(Trouble::from)
        };
        // State shared across records is locked or atomic, so a panic leaves none half made.
        let work = AssertUnwindSafe(work).catch_unwind();
        let caught = match cut {
            Some(cut) => timeout_at(cut, work)
                .await
                .map_err(|_| Trouble::cut_off("no time was left to go on"))?,
            None => work.await,
        };
        caught.unwrap_or_else(|_| Err(Trouble::panicked()))
    }

    fn is_last(&self, receive_count: u32) -> bool {
        self.settings.max_receives.is_some_and(|most| receive_count >= most)
    }

    /// Seconds until a record that failed is to come again.
    fn seconds(&self, record: &Envelope<'_>, trouble: &Trouble) -> u16 {
        match trouble.kind {
            // All that is left for it is the dead-letter queue, and that needs no waiting.
            Kind::Permanent | Kind::Undecodable => 0,
            Kind::HeldBack(seconds) => seconds,
            _ if self.is_last(record.receive_count()) => 0,
            Kind::Transient | Kind::Panicked | Kind::CutOff => {
                // Without randomness all wait for the longest time.
                let random = || getrandom::u32().unwrap_or(u32::MAX);
                let backoff = || self.settings.backoff.delay(record.receive_count(), random());
                seconds(trouble.retry_after.unwrap_or_else(backoff))
            }
        }
    }

    async fn change_visibility(
        &self,
        event: &SqsEvent<'_>,
        failed: &[(&Envelope<'_>, u16)],
        end: Option<Instant>,
    ) {
        let changes: Vec<Change<'_>> = failed
            .iter()
            .map(|(record, seconds)| Change {
                receipt_handle: &record.receipt_handle,
                seconds: *seconds,
            })
            .filter(|change| !change.receipt_handle.is_empty())
            .collect();
        if changes.is_empty() {
            return;
        }
        let changing = self.visibility.change(&event.queue_arn, &changes);
        let changed = match end {
            Some(end) => timeout_at(end, changing).await,
            None => Ok(changing.await),
        };
        // The timeout of the queue holds instead.
        match changed {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(error = causes(&error), "visibility not changed"),
            Err(_) => tracing::warn!("visibility not changed in time"),
        }
    }
}

/// Indexes of records that run one after the other: those of a group, or each one for itself.
fn lanes(event: &SqsEvent<'_>) -> Vec<Vec<usize>> {
    if !event.is_fifo() {
        return (0..event.records.len()).map(|index| vec![index]).collect();
    }
    let mut lanes: Vec<Vec<usize>> = Vec::new();
    let mut lane_of = HashMap::new();
    for (index, record) in event.records.iter().enumerate() {
        let lane = *lane_of.entry(record.group_id()).or_insert(lanes.len());
        match lanes.get_mut(lane) {
            Some(lane) => lane.push(index),
            None => lanes.push(vec![index]),
        }
    }
    lanes
}

fn count(outcomes: &[(usize, Outcome)]) -> Counts {
    let mut counts = Counts { records: outcomes.len(), ..Counts::default() };
    for (_, outcome) in outcomes {
        outcome.count(&mut counts);
    }
    counts
}
