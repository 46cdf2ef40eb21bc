//! Steps to a topic, whose subscriptions tell them apart by an attribute.

use aws_sdk_sns::Client;
use aws_sdk_sns::error::BuildError;
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use common::event::{CloudEvent, SpecVersion, TraceParent};
use common::journal::{Publisher, Run, STEP_READY, StepName, StepReady};

/// Most messages that SNS takes in one request.
const PER_REQUEST: usize = 10;

/// A topic of SNS. One call for ten steps.
#[derive(Debug, Clone)]
pub struct SnsTopic {
    client: Client,
    arn: String,
}

/// Why steps were not published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TopicError {
    /// The request failed.
    #[error("PublishBatch failed")]
    Publish(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// SNS refused some of the messages.
    #[error("SNS refused {count}, the first of them with {code}")]
    Refused {
        /// How many.
        count: usize,
        /// SNS's word for the reason.
        code: String,
    },
    /// The SDK refused to make a request of what it was given.
    #[error("a request cannot be built")]
    Build(#[from] BuildError),
    /// The event makes no JSON.
    #[error("the event does not serialise")]
    Event(#[from] serde_json::Error),
    /// The operating system gave no randomness.
    #[error("no randomness")]
    Random(#[from] getrandom::Error),
}

impl SnsTopic {
    /// The topic of that ARN.
    #[must_use]
    pub fn new(client: Client, arn: impl Into<String>) -> Self {
        Self { client, arn: arn.into() }
    }
}

impl Publisher for SnsTopic {
    type Error = TopicError;

    async fn publish(&self, run: &Run, steps: &[StepName]) -> Result<(), TopicError> {
        for steps in steps.chunks(PER_REQUEST) {
            let entries: Result<Vec<_>, _> = steps.iter().map(|step| entry(run, step)).collect();
            let publish = self.client.publish_batch().topic_arn(&self.arn);
            let publish = publish.set_publish_batch_request_entries(Some(entries?));
            let answer =
                publish.send().await.map_err(|error| TopicError::Publish(Box::new(error)))?;
            if let [first, ..] = answer.failed() {
                let (count, code) = (answer.failed().len(), first.code().to_owned());
                return Err(TopicError::Refused { count, code });
            }
        }
        Ok(())
    }
}

fn entry(run: &Run, step: &StepName) -> Result<PublishBatchRequestEntry, TopicError> {
    let event = event(run, step)?;
    let attribute =
        MessageAttributeValue::builder().data_type("String").string_value(step.as_str()).build()?;
    let entry = PublishBatchRequestEntry::builder()
        .id(step.as_str())
        .message(serde_json::to_string(&event)?)
        .message_attributes("step", attribute);
    Ok(entry.build()?)
}

/// All steps of a run are in one trace, whose id is the run's, so that no message needs to carry it
/// from one to the next.
fn event(run: &Run, step: &StepName) -> Result<CloudEvent<StepReady>, getrandom::Error> {
    let mut parent = [0; 8];
    getrandom::fill(&mut parent)?;
    let name = run.id.to_string();
    Ok(CloudEvent {
        specversion: SpecVersion::V1,
        id: format!("{name}-{step}"),
        source: "/runs".to_owned(),
        kind: STEP_READY.to_owned(),
        time: None,
        subject: None,
        traceparent: Some(TraceParent::start(trace_id(run), parent)),
        data: StepReady { run: name, step: step.clone() },
    })
}

/// Not the run's name itself: whoever knows that may look at the run, and traces are for many eyes.
fn trace_id(run: &Run) -> [u8; 16] {
    let mut id = [0; 16];
    let digest = common::idempotency::Fingerprint::of(&[b"trace", run.id.to_string().as_bytes()]);
    for (byte, pair) in id.iter_mut().zip(digest.as_str().as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).unwrap_or_default();
        *byte = u8::from_str_radix(pair, 16).unwrap_or_default();
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::clock::from_epoch_seconds as at;
    use common::journal::{Context, Pipeline, RunId};
    use serde_json::json;

    #[test]
    fn a_message_names_run_and_step_and_nobody() {
        let pipeline: Pipeline = crate::PIPELINES[0].parse().unwrap();
        let context = Context::from_iter([("email".to_owned(), json!("ada@example.com"))]);
        let run = Run::new(RunId::from_bits(7), &pipeline, context, at(0));
        let step: StepName = "email-user".parse().unwrap();
        let message = entry(&run, &step).unwrap();
        let event: serde_json::Value = serde_json::from_str(message.message()).unwrap();
        assert_eq!(event["type"], "faas-patterns.step.ready");
        assert_eq!(event["data"], json!({ "run": run.id.to_string(), "step": "email-user" }));
        assert!(!message.message().contains("ada"));
        let attributes = message.message_attributes().unwrap();
        assert_eq!(attributes["step"].string_value(), Some("email-user"));
        let trace = event["traceparent"].as_str().unwrap();
        assert!(!trace.contains(&run.id.to_string()));
        let again: serde_json::Value =
            serde_json::from_str(entry(&run, &step).unwrap().message()).unwrap();
        assert_eq!(trace[..35], again["traceparent"].as_str().unwrap()[..35], "one trace a run");
    }
}
