//! What a handler is given, and what a handler is.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use serde::de::DeserializeOwned;

use super::Failure;

/// Handles one message at a time.
///
/// SQS delivers a message at least once, and one whose handling was cut off is delivered again:
/// an effect that must not happen twice needs a guard, see [`idempotency`](crate::idempotency).
pub trait RecordHandler: Send + Sync + 'static {
    /// What the body of a message says.
    type Body: DeserializeOwned + Send;

    /// Handles one message at `now`.
    ///
    /// It is dropped at its next `await` once [`Record::deadline`] has passed. A panic counts as a
    /// transient failure of this message and disturbs no other.
    ///
    /// # Errors
    /// The message stays in its queue; [`Failure`] says when it comes again.
    fn handle(
        &self,
        record: Record<Self::Body>,
        now: SystemTime,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Reads the body of a message: JSON, unless a handler knows better.
    ///
    /// For plain text, `type Body = String` and `Ok(body.to_owned())`.
    ///
    /// # Errors
    /// When it cannot be read: a permanent failure. Only its kind and place are logged.
    fn decode(&self, body: &str) -> Result<Self::Body, serde_json::Error> {
        serde_json::from_str(body)
    }
}

/// A message.
///
/// `Debug` shows neither the body nor what the sender wrote beside it.
#[derive(Clone, PartialEq, Eq)]
pub struct Record<T> {
    /// The id SQS gave the message; the same for each delivery.
    pub message_id: String,
    /// What it says.
    pub body: T,
    /// Which delivery this is; the first is 1.
    pub receive_count: u32,
    /// Whether the message goes to the dead-letter queue if it fails now. Never true unless
    /// [`Settings::max_receives`](super::Settings::max_receives) is set.
    pub is_last_receive: bool,
    /// The message group: order in FIFO queues, fairness in others.
    pub group_id: Option<String>,
    /// By when handling is cut off; `None` outside Lambda.
    pub deadline: Option<SystemTime>,
    /// The trace the message belongs to, as X-Ray writes it.
    pub trace_header: Option<String>,
    /// The sender's message attributes that are text or numbers.
    pub attributes: BTreeMap<String, String>,
}

impl<T> Record<T> {
    /// A first delivery with nothing but a body, for tests of handlers.
    #[must_use]
    pub fn new(message_id: impl Into<String>, body: T) -> Self {
        Self {
            message_id: message_id.into(),
            body,
            receive_count: 1,
            is_last_receive: false,
            group_id: None,
            deadline: None,
            trace_header: None,
            attributes: BTreeMap::new(),
        }
    }
}

impl<T> fmt::Debug for Record<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("message_id", &self.message_id)
            .field("receive_count", &self.receive_count)
            .field("is_last_receive", &self.is_last_receive)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_body_group_or_attribute() {
        let record = Record {
            group_id: Some("ada@example.com".into()),
            attributes: [("name".into(), "Ada".into())].into(),
            ..Record::new("m-1", "hunter2")
        };
        let shown = format!("{record:?}");
        assert!(shown.contains("m-1"));
        for hidden in ["hunter2", "ada", "Ada"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }
}
