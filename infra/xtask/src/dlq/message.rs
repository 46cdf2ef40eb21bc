//! A message as SQS hands it out.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

/// A message that was received.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Message {
    /// Its id.
    pub(super) id: String,
    /// By this one receipt it can be deleted, or made visible again.
    pub(super) handle: String,
    /// What it says.
    pub(super) body: String,
    attributes: Value,
    sent_millis: u64,
}

impl Message {
    /// Reads one of the messages of an answer.
    pub(super) fn read(message: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let system = &message["Attributes"];
        Self {
            id: text(&message["MessageId"]),
            handle: text(&message["ReceiptHandle"]),
            body: text(&message["Body"]),
            attributes: message["MessageAttributes"].clone(),
            sent_millis: text(&system["SentTimestamp"]).parse().unwrap_or_default(),
        }
    }

    /// The message for a batch of SQS, known in it by `entry`.
    pub(super) fn for_queue(&self, entry: &str) -> Value {
        self.with_attributes(json!({ "Id": entry, "MessageBody": self.body }))
    }

    /// The message for a batch of SNS, known in it by `entry`.
    pub(super) fn for_topic(&self, entry: &str) -> Value {
        self.with_attributes(json!({ "Id": entry, "Message": self.body }))
    }

    /// Attributes tell the queues of a topic which messages are theirs.
    fn with_attributes(&self, mut entry: Value) -> Value {
        if self.attributes.is_object() {
            entry["MessageAttributes"] = self.attributes.clone();
        }
        entry
    }

    /// All of it on one line.
    pub(super) fn line(&self) -> String {
        let sent = UNIX_EPOCH + Duration::from_millis(self.sent_millis);
        let sent = humantime::format_rfc3339_seconds(sent);
        let line = format!("{sent}  {}  {}", self.id, self.body);
        // Whoever may send to a queue could send what a terminal obeys.
        line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        Message::read(&json!({
            "MessageId": "m-1", "ReceiptHandle": "h-1", "Body": "{\"a\":\n\"\u{1b}[2J\"}",
            "Attributes": { "SentTimestamp": "1772366400000", "ApproximateReceiveCount": "5" },
            "MessageAttributes": { "step": { "DataType": "String", "StringValue": "email-user" } },
        }))
    }

    #[test]
    fn a_line_says_when_which_and_what_and_obeys_nobody() {
        assert_eq!(message().line(), "2026-03-01T12:00:00Z  m-1  {\"a\": \" [2J\"}");
    }

    #[test]
    fn what_is_sent_back_is_what_was_there() {
        let step = json!({ "step": { "DataType": "String", "StringValue": "email-user" } });
        let entry = message().for_queue("0");
        assert_eq!(entry["MessageBody"], "{\"a\":\n\"\u{1b}[2J\"}");
        assert_eq!((&entry["Id"], &entry["MessageAttributes"]), (&json!("0"), &step));
        assert_eq!(message().for_topic("1")["Message"], entry["MessageBody"]);
        let bare = Message::read(&json!({ "MessageId": "m-2", "Body": "b" }));
        assert_eq!(bare.for_queue("0"), json!({ "Id": "0", "MessageBody": "b" }));
    }
}
