//! How a record fails, and what is answered.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// How handling a record failed. The cause is logged: put nothing personal into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It may go well another time: the message comes again after a while.
    Transient {
        /// Why, for the log.
        cause: String,
        /// When to try again, if it is known better than by the back-off; rounded up to seconds, and
        /// counted from the end of the batch.
        retry_after: Option<Duration>,
    },
    /// It can never go well: the message goes to the dead-letter queue without waiting.
    Permanent {
        /// Why, for the log.
        cause: String,
    },
}

impl Failure {
    /// A failure that may go away.
    #[must_use]
    pub fn transient(cause: impl fmt::Display) -> Self {
        Self::Transient { cause: cause.to_string(), retry_after: None }
    }

    /// A failure that stays.
    #[must_use]
    pub fn permanent(cause: impl fmt::Display) -> Self {
        Self::Permanent { cause: cause.to_string() }
    }

    /// Says when to try again. A permanent failure is not tried again for its own sake, so it
    /// stays as it is.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        if let Self::Transient { retry_after, .. } = &mut self {
            *retry_after = Some(delay);
        }
        self
    }

    /// Why, for the log.
    #[must_use]
    pub fn cause(&self) -> &str {
        match self {
            Self::Transient { cause, .. } | Self::Permanent { cause } => cause,
        }
    }
}

/// Why a batch has no answer: then Lambda keeps every message of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Answering an event of another kind could delete what nobody has looked at.
    #[error("the event is not one of SQS: it has no list of records")]
    NotSqs,
    /// An empty identifier among the failures fails the whole batch, and none would delete the
    /// message.
    #[error("the whole batch fails, for records without messageId failed ({0})")]
    Nameless(usize),
}

impl From<BatchError> for lambda_runtime::Diagnostic {
    fn from(error: BatchError) -> Self {
        Self { error_type: "BatchError".to_owned(), error_message: error.to_string() }
    }
}

/// The answer to Lambda: the messages that must stay in the queue.
///
/// It serialises to `{"batchItemFailures":[{"itemIdentifier":"…"}]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchResponse {
    #[serde(rename = "batchItemFailures")]
    failures: Vec<ItemFailure>,
    #[serde(skip)]
    counts: Counts,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

impl BatchResponse {
    /// Names each message once, in the order they were given.
    pub(super) fn new<'a>(ids: impl Iterator<Item = &'a str>, counts: Counts) -> Self {
        let mut seen = std::collections::HashSet::new();
        let failures = ids
            .filter(|id| seen.insert(*id))
            .map(|id| ItemFailure { item_identifier: id.to_owned() })
            .collect();
        Self { failures, counts }
    }

    /// The ids of the messages that failed, in the order of the batch.
    pub fn failed(&self) -> impl Iterator<Item = &str> {
        self.failures.iter().map(|failure| failure.item_identifier.as_str())
    }

    /// What became of the records.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }
}

/// What became of the records of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// All records, handled ones included.
    pub records: usize,
    /// Those that failed and may go well another time, a panic included.
    pub transient: usize,
    /// Those that can never go well.
    pub permanent: usize,
    /// Those whose body or envelope could not be read.
    pub undecodable: usize,
    /// Those for which no time was left.
    pub cut_off: usize,
    /// Those of a FIFO queue that waited behind a failed one of their group.
    pub held_back: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_has_the_shape_lambda_reads() {
        let answer = BatchResponse::new(["a", "b", "a"].into_iter(), Counts::default());
        let text = serde_json::to_string(&answer).unwrap();
        assert_eq!(
            text,
            r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}"#
        );
        assert_eq!(
            serde_json::to_string(&BatchResponse::new([].into_iter(), Counts::default())).unwrap(),
            r#"{"batchItemFailures":[]}"#
        );
    }

    #[test]
    fn only_a_transient_failure_is_tried_again_at_a_time() {
        let delay = Duration::from_secs(7);
        let failure = Failure::transient("busy").retry_after(delay);
        assert_eq!(failure, Failure::Transient { cause: "busy".into(), retry_after: Some(delay) });
        let failure = Failure::permanent("no such user").retry_after(delay);
        assert_eq!(failure, Failure::Permanent { cause: "no such user".into() });
    }
}
