//! Reads the event that Lambda makes of a batch of messages.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::BatchError;

/// A batch of messages of one queue. Borrows from the text of the event.
#[derive(Debug)]
pub struct SqsEvent<'a> {
    pub(super) records: Vec<Envelope<'a>>,
    pub(super) queue_arn: Cow<'a, str>,
}

/// A message without an interpretation of its body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default)]
    pub(super) message_id: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) receipt_handle: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) body: Cow<'a, str>,
    #[serde(default)]
    attributes: Attributes,
    #[serde(default)]
    message_attributes: BTreeMap<String, MessageAttribute>,
    #[serde(borrow, default, rename = "eventSourceARN")]
    queue_arn: Cow<'a, str>,
    /// What is not a message at all fails, but only itself.
    #[serde(skip)]
    pub(super) is_malformed: bool,
}

/// What SQS adds to a message.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Attributes {
    approximate_receive_count: String,
    message_group_id: Option<String>,
    #[serde(rename = "AWSTraceHeader")]
    trace_header: Option<String>,
}

/// What the sender adds to a message. Binary ones have no text.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageAttribute {
    string_value: Option<String>,
}

impl<'a> SqsEvent<'a> {
    /// Reads an event. A record that is none does not keep the others from being read.
    ///
    /// # Errors
    /// When it is not an event of SQS. The parser's message is dropped, because it may quote.
    pub fn read(text: &'a str) -> Result<Self, BatchError> {
        #[derive(Deserialize)]
        struct Event<'a> {
            #[serde(borrow, rename = "Records")]
            records: Vec<&'a RawValue>,
        }
        let event: Event<'a> = serde_json::from_str(text).map_err(|_| BatchError::NotSqs)?;
        let records: Vec<Envelope<'a>> = event.records.into_iter().map(Envelope::read).collect();
        // Lambda reads a batch from one queue.
        let named = records.iter().find(|record| !record.queue_arn.is_empty());
        let queue_arn = named.map(|record| record.queue_arn.clone()).unwrap_or_default();
        Ok(Self { records, queue_arn })
    }

    /// Whether the order of messages matters.
    ///
    /// Messages of standard queues may have a group, too, for fair queues; the name tells.
    pub(super) fn is_fifo(&self) -> bool {
        self.queue_arn.ends_with(".fifo")
    }
}

impl<'a> Envelope<'a> {
    fn read(raw: &'a RawValue) -> Self {
        serde_json::from_str(raw.get()).unwrap_or_else(|_| Self::salvage(raw))
    }

    /// What can still be read of a malformed record: enough to report it and to keep its group
    /// in order.
    fn salvage(raw: &RawValue) -> Self {
        let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
        let text = |pointer| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let owned = |pointer| Cow::Owned(text(pointer).unwrap_or_default());
        Self {
            message_id: owned("/messageId"),
            receipt_handle: owned("/receiptHandle"),
            body: Cow::Borrowed(""),
            attributes: Attributes {
                approximate_receive_count: String::new(),
                message_group_id: text("/attributes/MessageGroupId"),
                trace_header: None,
            },
            message_attributes: BTreeMap::new(),
            queue_arn: owned("/eventSourceARN"),
            is_malformed: true,
        }
    }

    pub(super) fn group_id(&self) -> Option<&str> {
        self.attributes.message_group_id.as_deref()
    }

    pub(super) fn trace_header(&self) -> Option<&str> {
        self.attributes.trace_header.as_deref()
    }

    /// Which delivery of the message this is. One whose count is missing counts as the first.
    pub(super) fn receive_count(&self) -> u32 {
        self.attributes.approximate_receive_count.parse().unwrap_or(1)
    }

    pub(super) fn text_attributes(&self) -> BTreeMap<String, String> {
        let text = |(name, attribute): (&String, &MessageAttribute)| {
            Some((name.clone(), attribute.string_value.clone()?))
        };
        self.message_attributes.iter().filter_map(text).collect()
    }
}

impl std::fmt::Debug for Envelope<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Envelope").field("message_id", &self.message_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::samples;
    use super::*;

    #[test]
    fn an_event_of_sqs_is_read_without_its_messages() {
        let event = SqsEvent::read(samples::STANDARD).unwrap();
        let [record] = event.records.as_slice() else { panic!("one record") };
        assert_eq!(record.message_id, "059f36b4-87a3-44ab-83d2-661975830a7d");
        assert_eq!(record.receipt_handle, "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a");
        assert_eq!(record.body, r#"{"wait":5}"#);
        assert_eq!(record.receive_count(), 2);
        assert_eq!(record.trace_header(), Some("Root=1-5759e988-bd862e3fe1be46a994272793"));
        assert_eq!(record.text_attributes(), [("kind".to_owned(), "test".to_owned())].into());
        assert_eq!(event.queue_arn, "arn:aws:sqs:eu-central-1:123456789012:codes");
        assert!(!format!("{event:?}").contains("wait"));
    }

    #[test]
    fn a_queue_is_fifo_by_its_name_and_not_by_a_group() {
        let standard = SqsEvent::read(samples::STANDARD).unwrap();
        assert!(standard.records[0].group_id().is_some() && !standard.is_fifo());
        assert!(SqsEvent::read(samples::FIFO).unwrap().is_fifo());
    }

    #[test]
    fn a_malformed_record_is_read_as_far_as_it_goes_and_keeps_none_of_its_neighbours() {
        let text = r#"{"Records":[
            7, {"messageId":"a","receiptHandle":"r","body":{"no":"text"},
            "attributes":{"MessageGroupId":"g"}}, {"messageId":"b","body":""}
        ]}"#;
        let records = SqsEvent::read(text).unwrap().records;
        let ids: Vec<&str> = records.iter().map(|record| record.message_id.as_ref()).collect();
        assert_eq!(ids, ["", "a", "b"]);
        assert!(records[0].is_malformed && records[1].is_malformed && !records[2].is_malformed);
        assert_eq!((records[1].receipt_handle.as_ref(), records[1].group_id()), ("r", Some("g")));
    }

    #[test]
    fn an_event_that_is_none_of_sqs_is_an_error_that_quotes_nothing() {
        for text in ["null", "[]", "{}", r#"{"Records":null}"#, r#"{"Records":"secret"}"#] {
            let error = SqsEvent::read(text).unwrap_err();
            assert_eq!(error, BatchError::NotSqs, "{text}");
            assert!(!error.to_string().contains("secret"));
        }
    }
}
