//! The visibility of messages in SQS.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{BuildError, SdkError};
use aws_sdk_sqs::operation::change_message_visibility_batch::ChangeMessageVisibilityBatchError;
use aws_sdk_sqs::types::ChangeMessageVisibilityBatchRequestEntry as Entry;

use super::{Change, Visibility};

/// How many messages SQS takes in one request.
const PER_REQUEST: usize = 10;

/// Changes the visibility of messages, ten in one request.
///
/// The function needs `sqs:ChangeMessageVisibility` on its queue.
///
/// ```no_run
/// use common::aws::{self, AwsConfig};
/// use common::batch::SqsVisibility;
/// use common::client::Client;
/// use common::config::Variables;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let config = AwsConfig::read(Variables::from_env())?;
/// let visibility = SqsVisibility::new(aws::sqs(&config, &Client::new()?).await);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct SqsVisibility {
    client: Client,
}

/// Why the visibility of messages was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqsVisibilityError {
    /// The event does not name its queue.
    #[error("the event source is not a queue")]
    Queue,
    /// A request cannot be built.
    #[error("request not built")]
    Build(#[from] BuildError),
    /// A request was not answered with success.
    #[error("request failed")]
    Request(#[from] Box<SdkError<ChangeMessageVisibilityBatchError>>),
    /// SQS refused some of the messages, for example because their time was over.
    #[error("{count} refused, the first of them with {code}")]
    Refused {
        /// How many of one request.
        count: usize,
        /// SQS's word for the reason.
        code: String,
    },
}

impl SqsVisibility {
    /// Uses a client of the queue's account and region.
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    async fn request(&self, url: &str, changes: &[Change<'_>]) -> Result<(), SqsVisibilityError> {
        let entries: Result<Vec<Entry>, BuildError> = changes
            .iter()
            .enumerate()
            .map(|(index, change)| {
                Entry::builder()
                    .id(index.to_string())
                    .receipt_handle(change.receipt_handle)
                    .visibility_timeout(change.seconds.into())
                    .build()
            })
            .collect();
        let request = self.client.change_message_visibility_batch().queue_url(url);
        let answer = request.set_entries(Some(entries?)).send().await.map_err(Box::new)?;
        match answer.failed() {
            [] => Ok(()),
            [first, ..] => Err(SqsVisibilityError::Refused {
                count: answer.failed().len(),
                code: first.code().to_owned(),
            }),
        }
    }
}

impl Visibility for SqsVisibility {
    type Error = SqsVisibilityError;

    /// One request that fails does not keep the others from being sent; the first failure is told.
    async fn change(
        &self,
        queue_arn: &str,
        changes: &[Change<'_>],
    ) -> Result<(), SqsVisibilityError> {
        let url = queue_url(queue_arn).ok_or(SqsVisibilityError::Queue)?;
        let mut result = Ok(());
        for some in changes.chunks(PER_REQUEST) {
            let changed = self.request(&url, some).await;
            result = result.and(changed);
        }
        result
    }
}

/// The URL of a queue.
///
/// Requests go to the endpoint of the client; here SQS reads account and name only, and so do local
/// stacks, wherever they listen. So nothing needs to be asked for or configured.
fn queue_url(arn: &str) -> Option<String> {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", partition, "sqs", region, account, name] = parts[..] else {
        return None;
    };
    let domain = match partition {
        "aws-cn" => "amazonaws.com.cn",
        "aws-eusc" => "amazonaws.eu",
        _ => "amazonaws.com",
    };
    Some(format!("https://sqs.{region}.{domain}/{account}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    use aws_credential_types::Credentials;
    use aws_sdk_sqs::config::{BehaviorVersion, Region};
    use aws_smithy_runtime_api::client::http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    };
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
    use aws_smithy_types::body::SdkBody;
    use serde_json::{Value, json};

    /// Answers each request alike, and keeps what it was sent.
    #[derive(Debug, Clone)]
    struct Endpoint {
        answer: (u16, &'static str),
        requests: Arc<Mutex<Vec<Value>>>,
    }

    impl HttpClient for Endpoint {
        fn http_connector(
            &self,
            _: &HttpConnectorSettings,
            _: &RuntimeComponents,
        ) -> SharedHttpConnector {
            SharedHttpConnector::new(self.clone())
        }
    }

    impl HttpConnector for Endpoint {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            self.requests.lock().unwrap().push(body);
            let (status, text) = self.answer;
            let answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(text));
            HttpConnectorFuture::ready(Ok(answer))
        }
    }

    /// Changes `count` messages against an endpoint; gives the result and the requests.
    async fn change(
        status: u16,
        answer: &'static str,
        count: u16,
    ) -> (Result<(), SqsVisibilityError>, Vec<Value>) {
        let endpoint = Endpoint { answer: (status, answer), requests: Arc::default() };
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
            .retry_config(aws_sdk_sqs::config::retry::RetryConfig::disabled())
            .http_client(endpoint.clone())
            .build();
        let visibility = SqsVisibility::new(Client::from_conf(config));
        let handles: Vec<String> = (0..count).map(|index| format!("r{index}")).collect();
        let changes: Vec<Change<'_>> = (0..count)
            .zip(&handles)
            .map(|(seconds, handle)| Change { receipt_handle: handle, seconds })
            .collect();
        let arn = "arn:aws:sqs:eu-central-1:123456789012:codes";
        let result = visibility.change(arn, &changes).await;
        let requests = endpoint.requests.lock().unwrap().clone();
        (result, requests)
    }

    #[tokio::test]
    async fn ten_messages_go_out_in_one_request() {
        let (result, requests) = change(200, r#"{"Successful":[],"Failed":[]}"#, 11).await;
        assert!(result.is_ok(), "{result:?}");
        let [ten, one] = requests.as_slice() else { panic!("two requests") };
        assert_eq!(ten["Entries"].as_array().unwrap().len(), 10);
        assert_eq!(
            *one,
            json!({
                "QueueUrl": "https://sqs.eu-central-1.amazonaws.com/123456789012/codes",
                "Entries": [{ "Id": "0", "ReceiptHandle": "r10", "VisibilityTimeout": 10 }],
            })
        );
    }

    #[tokio::test]
    async fn messages_that_are_refused_are_counted_and_the_others_still_sent() {
        let answer = r#"{"Successful":[],"Failed":[
            {"Id":"0","SenderFault":true,"Code":"ReceiptHandleIsInvalid"}]}"#;
        let (result, requests) = change(200, answer, 11).await;
        let error = result.unwrap_err().to_string();
        assert_eq!(error, "1 refused, the first of them with ReceiptHandleIsInvalid");
        assert_eq!(requests.len(), 2);
    }

    #[tokio::test]
    async fn a_request_that_fails_does_not_keep_the_next_one_back() {
        let (result, requests) = change(400, r#"{"__type":"AccessDeniedException"}"#, 11).await;
        assert!(matches!(result, Err(SqsVisibilityError::Request(_))), "{result:?}");
        assert_eq!(requests.len(), 2);
    }

    #[test]
    fn the_url_of_a_queue_follows_from_its_arn() {
        let url = |arn| queue_url(arn).unwrap_or_default();
        assert_eq!(
            url("arn:aws:sqs:us-east-1:000000000000:orders.fifo"),
            "https://sqs.us-east-1.amazonaws.com/000000000000/orders.fifo"
        );
        assert_eq!(
            url("arn:aws-cn:sqs:cn-north-1:000000000000:codes"),
            "https://sqs.cn-north-1.amazonaws.com.cn/000000000000/codes"
        );
        for none in ["", "codes", "arn:aws:sns:r:1:t", "arn:aws:sqs:r:1", "arn:aws:sqs:r:1:a:b"] {
            assert_eq!(queue_url(none), None, "{none}");
        }
    }
}
