//! Functions that work through a queue: each message fails alone, and none is lost.
//!
//! [`serve`] reads a batch of SQS, hands each record to a [`RecordHandler`] and answers with those
//! that failed. The event source mapping needs `FunctionResponseTypes: [ReportBatchItemFailures]`;
//! without it Lambda takes every answer for success.
//!
//! ```
//! use std::time::{Duration, SystemTime};
//!
//! use common::batch::{self, Failure, Processor, QueueTimeout, Record, RecordHandler};
//! use common::batch::{Settings, SqsEvent};
//! use common::bootstrap::Error;
//! use common::telemetry::Metrics;
//!
//! struct Post;
//!
//! #[derive(serde::Deserialize)]
//! struct Letter {
//!     to: String,
//! }
//!
//! impl RecordHandler for Post {
//!     type Body = Letter;
//!
//!     async fn handle(&self, record: Record<Letter>, _: SystemTime) -> Result<(), Failure> {
//!         match record.body.to.as_str() {
//!             "" => Err(Failure::permanent("no address")),
//!             "moon" => Err(Failure::transient("no mail today").retry_after(Duration::from_secs(60))),
//!             _ => Ok(()),
//!         }
//!     }
//! }
//!
//! async fn start() -> Result<(), Error> {
//!     batch::serve(Post, QueueTimeout, Settings::default(), Metrics::new("post")).await
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // What a test does:
//! let event = SqsEvent::read(
//!     r#"{"Records":[{"messageId":"a","body":"{\"to\":\"Ada\"}"},{"messageId":"b","body":"{}"}]}"#,
//! )?;
//! let post = Processor::new(Post, QueueTimeout, Settings::default());
//! let answer = post.process(&event, None, common::clock::now()).await?;
//! assert_eq!(answer.failed().collect::<Vec<_>>(), ["b"]);
//! # Ok(()) }
//! ```
//!
//! | trap | here | test |
//! | --- | --- | --- |
//! | one malformed body or record fails the batch | each is decoded alone; it is a permanent failure | `a_malformed_record_fails_alone` |
//! | an error is answered with an empty list, and Lambda deletes the messages | an event that is none of SQS is an error | `an_event_of_another_kind_is_an_error` |
//! | an empty identifier fails the whole batch without a word | a failed record without an id is an error that says so, before any effect if possible | `what_cannot_be_reported_fails_the_batch`, `what_cannot_be_read_or_reported_fails_the_batch_before_any_effect` |
//! | the same message twice in a batch is reported twice | once | `a_message_that_is_there_twice_is_reported_once` |
//! | a panic loses the whole batch | it is a transient failure of its record (needs `panic = "unwind"`) | `a_panic_fails_its_record_alone` |
//! | the function times out and nothing is reported | work ends a reserve before the deadline | `what_is_at_work_is_cut_off_at_the_reserve`, `nothing_is_begun_once_only_the_reserve_is_left` |
//! | no time left is taken for no deadline | two different things | `no_time_left_is_not_no_deadline` |
//! | too much at once | a bound | `no_more_records_are_at_work_than_allowed` |
//! | a group of a FIFO queue goes on after a failure | the rest is held back and reported, and waits as long | `after_a_failure_the_rest_of_its_group_waits_with_it` |
//! | a FIFO queue is known by its groups, which fair queues have too | by its name | `groups_of_a_standard_queue_hold_nothing_back` |
//! | failures come back at once, all of them | back-off with jitter, the handler's word first | `a_transient_failure_waits_longer_with_each_receive`, `the_handlers_word_on_when_to_try_again_wins` |
//! | a hopeless message waits its way to the dead-letter queue | it comes back at once, as does one on its last receive | `what_is_hopeless_does_not_wait` |
//! | the visibility cannot be changed, and the answer is lost | that is logged, and the queue's timeout holds | `an_answer_does_not_depend_on_the_visibility` |
//! | logs hold what messages say | they hold ids, counts and causes | `logs_name_records_and_nothing_that_is_in_them` |
//!
//! What it does not do:
//!
//! * A handler that computes for long without an `await` cannot be cut off.
//! * In a FIFO queue each delivery of a failed message counts for those behind it in the batch, too:
//!   they can reach the dead-letter queue together. Where the order may break, let the handler keep
//!   what is hopeless elsewhere and return `Ok`.
//! * It reads SQS. Streams report where to go back to, which is another contract.

#[cfg(panic = "abort")]
compile_error!("a panic would end the process, and its batch would never be answered");

mod backoff;
mod event;
mod failure;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod memory;
mod outcome;
mod processor;
mod record;
#[cfg(feature = "sqs")]
mod sqs;
#[cfg(test)]
mod tests;
mod visibility;

use std::sync::Arc;
use std::time::SystemTime;

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;
use tracing::Instrument as _;

pub use backoff::Backoff;
pub use event::SqsEvent;
pub use failure::{BatchError, BatchResponse, Counts, Failure};
pub use processor::{Processor, Settings};
pub use record::{Record, RecordHandler};
#[cfg(feature = "sqs")]
pub use sqs::{SqsVisibility, SqsVisibilityError};
pub use visibility::{Change, QueueTimeout, Visibility};

use crate::bootstrap::Error;
use crate::telemetry::{Metrics, Unit, is_cold_start};
use crate::{clock, deadline};

/// Works through batches until Lambda stops the process.
///
/// Logs one line per record, and counts once per batch what became of its records: `Records`,
/// `RecordsTransient`, `RecordsPermanent`, `RecordsUndecodable`, `RecordsCutOff`, `RecordsHeldBack`.
///
/// # Errors
/// When the Runtime API cannot be reached.
pub async fn serve<H, V>(
    handler: H,
    visibility: V,
    settings: Settings,
    metrics: Metrics,
) -> Result<(), Error>
where
    H: RecordHandler,
    V: Visibility,
{
    let shared = Arc::new((Processor::new(handler, visibility, settings), metrics));
    lambda_runtime::run(service_fn(move |event| {
        let shared = Arc::clone(&shared);
        async move {
            let (processor, metrics) = shared.as_ref();
            let answer = answer(processor, &event, clock::now()).await?;
            metrics.put(clock::now(), &values(answer.counts()));
            Ok::<_, BatchError>(answer)
        }
    }))
    .await
}

/// Answers one invocation.
///
/// The event is taken as text: the runtime would log what its parser says of one it cannot read.
async fn answer<H: RecordHandler, V: Visibility>(
    processor: &Processor<H, V>,
    event: &LambdaEvent<Box<RawValue>>,
    now: SystemTime,
) -> Result<BatchResponse, BatchError> {
    let context = &event.context;
    let span = tracing::info_span!(
        "batch",
        invocation_id = context.request_id,
        trace_id = context.xray_trace_id,
        cold_start = is_cold_start(),
    );
    async {
        let batch = SqsEvent::read(event.payload.get())?;
        processor.process(&batch, deadline::of(context), now).await
    }
    .instrument(span.clone())
    .await
    .inspect_err(|error| span.in_scope(|| tracing::error!(cause = %error, "batch failed")))
}

fn values(counts: Counts) -> [(&'static str, Unit, f64); 6] {
    #[expect(clippy::cast_precision_loss, reason = "a batch has at most ten thousand records")]
    let count = |name, number: usize| (name, Unit::Count, number as f64);
    [
        count("Records", counts.records),
        count("RecordsTransient", counts.transient),
        count("RecordsPermanent", counts.permanent),
        count("RecordsUndecodable", counts.undecodable),
        count("RecordsCutOff", counts.cut_off),
        count("RecordsHeldBack", counts.held_back),
    ]
}
