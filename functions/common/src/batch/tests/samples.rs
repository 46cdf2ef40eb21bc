//! Events as Lambda sends them, and a handler that does what its records say.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::batch::{Failure, Record, RecordHandler};
use crate::clock::from_epoch_seconds;

/// The time at which all batches of the tests begin.
pub(in crate::batch) fn start() -> SystemTime {
    from_epoch_seconds(1_772_357_400)
}

/// A fair queue: a standard queue whose messages have groups.
pub(in crate::batch) const STANDARD: &str = r#"{
  "Records": [{
    "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
    "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
    "body": "{\"wait\":5}",
    "attributes": {
      "ApproximateReceiveCount": "2",
      "SentTimestamp": "1772357400123",
      "SenderId": "AIDAIENQZJOLO23YVJ4VO",
      "ApproximateFirstReceiveTimestamp": "1772357400456",
      "MessageGroupId": "tenant-1",
      "AWSTraceHeader": "Root=1-5759e988-bd862e3fe1be46a994272793"
    },
    "messageAttributes": {
      "kind": {
        "stringValue": "test", "stringListValues": [], "binaryListValues": [], "dataType": "String"
      },
      "digest": {
        "binaryValue": "AAEC", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"
      }
    },
    "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
    "eventSource": "aws:sqs",
    "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:codes",
    "awsRegion": "eu-central-1"
  }]
}"#;

pub(in crate::batch) const FIFO: &str = r#"{
  "Records": [{
    "messageId": "11d6ee51-4cc7-4302-9e22-7cd8afdaadf5",
    "receiptHandle": "AQEBBX8nesZEXmkhsmZeyIE8iQAMig7qw",
    "body": "\"succeed\"",
    "attributes": {
      "ApproximateReceiveCount": "1",
      "SentTimestamp": "1772357400123",
      "SequenceNumber": "18849496460467696128",
      "MessageGroupId": "order-1",
      "SenderId": "AIDAIO23YVJENQZJOL4VO",
      "MessageDeduplicationId": "1",
      "ApproximateFirstReceiveTimestamp": "1772357400456"
    },
    "messageAttributes": {},
    "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
    "eventSource": "aws:sqs",
    "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:orders.fifo",
    "awsRegion": "eu-central-1"
  }]
}"#;

/// A record with this id, this group and a body.
pub(in crate::batch) fn record(id: &str, group: &str, body: impl Into<Value>) -> Value {
    json!({
        "messageId": id, "receiptHandle": format!("receipt-{id}"), "body": body.into(),
        "attributes": { "ApproximateReceiveCount": "1", "MessageGroupId": group },
        "eventSource": "aws:sqs",
    })
}

/// The event of these records, from a queue of this name.
pub(in crate::batch) fn event(queue: &str, mut records: Vec<Value>) -> String {
    for record in &mut records {
        record["eventSourceARN"] = json!(format!("arn:aws:sqs:eu-central-1:123456789012:{queue}"));
    }
    json!({ "Records": records }).to_string()
}

/// What a record tells its handler to do.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::batch) enum Act {
    Succeed,
    /// Succeeds after so many milliseconds.
    Wait(u64),
    Fail,
    /// Asks to be tried again after so many milliseconds.
    FailFor(u64),
    Refuse,
    Panic,
    /// Panics before there is a future.
    PanicAtOnce,
}

/// Does what records say and notes which ones it was given.
#[derive(Debug, Default)]
pub(in crate::batch) struct Actor(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    started: Vec<String>,
    completed: Vec<String>,
    last: Option<(Record<Act>, SystemTime)>,
    running: usize,
    most: usize,
}

impl Actor {
    /// The ids of the records that were begun, in that order.
    pub(in crate::batch) fn started(&self) -> Vec<String> {
        self.0.lock().unwrap().started.clone()
    }

    /// The ids of the records that were handled to a good end.
    pub(in crate::batch) fn completed(&self) -> Vec<String> {
        self.0.lock().unwrap().completed.clone()
    }

    /// The last record that was begun, and the time it was given.
    pub(in crate::batch) fn last(&self) -> (Record<Act>, SystemTime) {
        self.0.lock().unwrap().last.clone().unwrap()
    }

    /// How many records were at work at once, at most.
    pub(in crate::batch) fn most(&self) -> usize {
        self.0.lock().unwrap().most
    }
}

/// Counts a record as running, however it ends.
struct Running<'a>(&'a Actor);

impl<'a> Running<'a> {
    fn start(actor: &'a Actor) -> Self {
        let mut seen = actor.0.lock().unwrap();
        seen.running += 1;
        seen.most = seen.most.max(seen.running);
        Running(actor)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().running -= 1;
    }
}

/// Panics without a message on standard error.
fn panic_quietly() -> ! {
    std::panic::resume_unwind(Box::new("as told"))
}

impl RecordHandler for Actor {
    type Body = Act;

    fn handle(
        &self,
        record: Record<Act>,
        now: SystemTime,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        let (act, id) = (record.body, record.message_id.clone());
        {
            let mut seen = self.0.lock().unwrap();
            seen.started.push(id.clone());
            seen.last = Some((record, now));
        }
        if matches!(act, Act::PanicAtOnce) {
            panic_quietly();
        }
        async move {
            let _running = Running::start(self);
            tokio::task::yield_now().await;
            match act {
                Act::Succeed => {}
                Act::Wait(milliseconds) => {
                    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                }
                Act::Fail => return Err(Failure::transient("told to")),
                Act::FailFor(milliseconds) => {
                    let delay = Duration::from_millis(milliseconds);
                    return Err(Failure::transient("told to").retry_after(delay));
                }
                Act::Refuse => return Err(Failure::permanent("told to")),
                Act::Panic | Act::PanicAtOnce => panic_quietly(),
            }
            self.0.lock().unwrap().completed.push(id);
            Ok(())
        }
    }
}
