//! The queues between functions, and their dead letters.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::api::{send_to, variable};
use crate::aws::{self, signed};
use crate::turns;

/// What was found in each dead-letter queue, by the message's id.
static DEAD: Mutex<BTreeMap<(String, String), String>> = Mutex::new(BTreeMap::new());

/// A queue of the stack.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    url: String,
}

impl Queue {
    /// The queue whose name has this part.
    pub(crate) fn named(part: &str) -> Self {
        let listed = aws::call("sqs", "AmazonSQS.ListQueues", &json!({}));
        let urls = listed["QueueUrls"].as_array().unwrap();
        let found = urls.iter().filter_map(Value::as_str).find(|url| url.contains(part));
        Self { url: found.unwrap_or_else(|| panic!("the stack has no queue {part}")).to_owned() }
    }

    /// Puts messages into the queue, ten at a time.
    pub(crate) fn send(&self, bodies: &[String]) {
        self.send_later(bodies, 0);
    }

    /// Puts messages into the queue that nobody gets before so many seconds.
    pub(crate) fn send_later(&self, bodies: &[String], seconds: u64) {
        let entry = |(number, body): (usize, &String)| json!({ "Id": number.to_string(), "MessageBody": body, "DelaySeconds": seconds });
        for bodies in bodies.chunks(10) {
            let entries: Vec<Value> = bodies.iter().enumerate().map(entry).collect();
            let input = json!({ "QueueUrl": self.url, "Entries": entries });
            let answer = aws::call("sqs", "AmazonSQS.SendMessageBatch", &input);
            let sent = answer["Successful"].as_array().map(Vec::len);
            assert_eq!(sent, Some(bodies.len()), "{answer}");
        }
    }

    /// The messages that wait in the queue. They go on waiting.
    pub(crate) fn waiting(&self) -> Vec<String> {
        self.receive(0).into_values().collect()
    }

    /// All messages that were ever found in this dead-letter queue. They stay there.
    pub(crate) fn letters(&self) -> Vec<String> {
        let mut dead = DEAD.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            // Away for a moment, so that the next call gets others.
            let found = self.receive(2);
            if found.is_empty() {
                let own = dead.iter().filter(|((url, _), _)| *url == self.url);
                return own.map(|(_, body)| body.clone()).collect();
            }
            dead.extend(found.into_iter().map(|(id, body)| ((self.url.clone(), id), body)));
        }
    }

    fn receive(&self, hidden_seconds: u32) -> BTreeMap<String, String> {
        let input = json!({
            "QueueUrl": self.url, "MaxNumberOfMessages": 10, "VisibilityTimeout": hidden_seconds,
        });
        let found = aws::call("sqs", "AmazonSQS.ReceiveMessage", &input);
        let messages = found["Messages"].as_array().cloned().unwrap_or_default();
        let text = |message: &Value, name: &str| message[name].as_str().unwrap().to_owned();
        messages.iter().map(|message| (text(message, "MessageId"), text(message, "Body"))).collect()
    }
}

/// Keeps the messages in a queue as long as it lives.
#[derive(Debug)]
pub(crate) struct Pause {
    url: String,
}

impl Pause {
    /// Stops whoever takes messages from the queue whose ARN ends so.
    pub(crate) fn of(ending: &str) -> Self {
        let url = format!("{}/2015-03-31/event-source-mappings", variable("AWS_ENDPOINT_URL"));
        let listed = send_to("GET", &url, &[("authorization", &signed("lambda"))], "").json();
        let mappings = listed["EventSourceMappings"].as_array().unwrap().clone();
        let is_wanted = |mapping: &&Value| {
            mapping["EventSourceArn"].as_str().is_some_and(|arn| arn.ends_with(ending))
        };
        let mapping = mappings.iter().find(is_wanted).expect("the queue has a consumer");
        let pause = Self { url: format!("{url}/{}", mapping["UUID"].as_str().unwrap()) };
        assert_eq!(pause.enable(false), 200);
        // A look at the queue may just be under way.
        turns::a_while();
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
