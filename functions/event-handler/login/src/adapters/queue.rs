//! Asks for codes through SQS.

use aws_sdk_sqs::Client;
use common::event::CloudEvent;
use sign_in::event::CodeRequested;

use crate::handler::CodesQueue;

/// A queue of SQS. One call per code.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

/// What the queue fails with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqsQueueError {
    /// The message was not taken.
    #[error("SendMessage failed")]
    Send(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The event makes no JSON.
    #[error("the event does not serialise")]
    Event(#[from] serde_json::Error),
}

impl SqsQueue {
    /// The queue at this URL.
    #[must_use]
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }
}

impl CodesQueue for SqsQueue {
    type Error = SqsQueueError;

    async fn ask(&self, event: &CloudEvent<CodeRequested>) -> Result<(), SqsQueueError> {
        let body = serde_json::to_string(event)?;
        let send = self.client.send_message().queue_url(&self.url).message_body(body);
        send.send().await.map_err(|error| SqsQueueError::Send(Box::new(error)))?;
        Ok(())
    }
}
