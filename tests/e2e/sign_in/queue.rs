//! The queue between the two functions, and its dead letters.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::api::{send_to, variable};
use crate::aws::{self, signed};

static DEAD: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

fn url(part: &str) -> String {
    let listed = aws::call("sqs", "AmazonSQS.ListQueues", &json!({}));
    let urls = listed["QueueUrls"].as_array().unwrap();
    let found = urls.iter().filter_map(Value::as_str).find(|url| url.contains(part));
    found.unwrap_or_else(|| panic!("the stack has no queue {part}")).to_owned()
}

fn codes_queue() -> String {
    url("faas-patterns-codes")
}

/// Puts messages into the queue, ten at a time.
pub(super) fn send(bodies: &[String]) {
    let url = codes_queue();
    for bodies in bodies.chunks(10) {
        let entries: Vec<Value> = bodies
            .iter()
            .enumerate()
            .map(|(number, body)| json!({ "Id": number.to_string(), "MessageBody": body }))
            .collect();
        let input = json!({ "QueueUrl": url, "Entries": entries });
        let answer = aws::call("sqs", "AmazonSQS.SendMessageBatch", &input);
        assert_eq!(answer["Successful"].as_array().map(Vec::len), Some(bodies.len()), "{answer}");
    }
}

/// The message that asks for a code, as `login` sends it.
pub(super) fn request(challenge: &str, number: u32) -> String {
    json!({
        "specversion": "1.0",
        "id": format!("{challenge}-{number}"),
        "source": "/login",
        "type": "faas-patterns.code.requested",
        "time": "2026-01-01T00:00:00.000Z",
        "subject": challenge,
        "data": { "challenge": challenge, "number": number },
    })
    .to_string()
}

/// The messages that wait in the queue. They go on waiting.
pub(super) fn waiting() -> Vec<String> {
    let found = receive(&codes_queue(), 0);
    found.into_values().collect()
}

/// All messages that have been found in the dead-letter queue. They stay there.
pub(super) fn dead_letters() -> Vec<String> {
    let url = url("CodesDeadLetterQueue");
    let mut dead = DEAD.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        // Away for a moment, so that the next call gets others.
        let found = receive(&url, 2);
        if found.is_empty() {
            return dead.values().cloned().collect();
        }
        dead.extend(found);
    }
}

fn receive(url: &str, hidden_seconds: u32) -> BTreeMap<String, String> {
    let input = json!({
        "QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": hidden_seconds,
    });
    let found = aws::call("sqs", "AmazonSQS.ReceiveMessage", &input);
    let messages = found["Messages"].as_array().cloned().unwrap_or_default();
    let text = |message: &Value, name: &str| message[name].as_str().unwrap().to_owned();
    messages.iter().map(|message| (text(message, "MessageId"), text(message, "Body"))).collect()
}

/// Keeps the messages in the queue as long as it lives.
#[derive(Debug)]
pub(super) struct Pause {
    url: String,
}

impl Pause {
    pub(super) fn start() -> Self {
        let url = format!("{}/2015-03-31/event-source-mappings", variable("AWS_ENDPOINT_URL"));
        let listed = send_to("GET", &url, &[("authorization", &signed("lambda"))], "").json();
        let mappings = listed["EventSourceMappings"].as_array().unwrap().clone();
        let from_codes = |mapping: &&Value| {
            mapping["EventSourceArn"].as_str().is_some_and(|arn| arn.ends_with("-codes"))
        };
        let mapping = mappings.iter().find(from_codes).expect("the queue has a consumer");
        let pause = Self { url: format!("{url}/{}", mapping["UUID"].as_str().unwrap()) };
        assert_eq!(pause.enable(false), 200);
        // A look at the queue may just be under way.
        super::turns::a_while();
        pause
    }

    fn enable(&self, enabled: bool) -> u16 {
        let authorization = signed("lambda");
        let headers =
            [("authorization", authorization.as_str()), ("content-type", "application/json")];
        let body = json!({ "Enabled": enabled }).to_string();
        send_to("PUT", &self.url, &headers, &body).status
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        let status = self.enable(true);
        assert!(std::thread::panicking() || status == 200, "the consumer is still disabled");
    }
}
