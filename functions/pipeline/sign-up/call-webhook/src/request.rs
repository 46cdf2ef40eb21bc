//! What is sent for a step.

use bytes::Bytes;
use common::clock::epoch_seconds;
use common::journal::{Context, Task};
use http_body_util::Full;
use lambda_http::http::header::{CONTENT_TYPE, HeaderName};
use lambda_http::http::{self, Request};
use serde::Serialize;
use std::time::SystemTime;

use crate::signature::WebhookKeys;
use crate::targets::WebhookUrl;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// The body.
#[derive(Serialize)]
struct Message<'a> {
    run: String,
    step: &'a str,
    pipeline: &'a str,
    context: &'a Context,
}

/// Why there is no request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// What is known cannot be written as JSON.
    #[error("the context cannot be written")]
    Body(#[from] serde_json::Error),
    /// A header or the URL has a form that HTTP does not allow.
    #[error("no HTTP request")]
    Head(#[from] http::Error),
}

/// Writes the request for a step of a pipeline, signed for an attempt at `now`.
///
/// Its name is the same for each attempt, in `Webhook-Id` and, as a string of structured fields
/// (RFC 9651, section 3.3.3), in `Idempotency-Key`; its time is that of the attempt.
///
/// # Errors
/// See [`RequestError`].
pub fn request(
    url: &WebhookUrl,
    keys: &WebhookKeys,
    pipeline: &str,
    task: &Task,
    now: SystemTime,
) -> Result<Request<Full<Bytes>>, RequestError> {
    let Task { run, step, context, .. } = task;
    let message = Message { run: run.to_string(), step: step.as_str(), pipeline, context };
    let body = serde_json::to_vec(&message)?;
    let (id, timestamp) = (task.id(), epoch_seconds(now));
    let request = Request::post(url.uri())
        .header(CONTENT_TYPE, "application/json")
        .header(IDEMPOTENCY_KEY, format!("\"{id}\""))
        .header(WEBHOOK_TIMESTAMP, timestamp)
        .header(WEBHOOK_SIGNATURE, keys.sign(&id, timestamp, &body))
        .header(WEBHOOK_ID, id)
        .body(Full::from(body))?;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::clock::from_epoch_seconds;
    use common::journal::RunId;
    use common::redact::Secret;
    use http_body_util::BodyExt as _;
    use serde_json::{Value, json};

    async fn written(attempt: u32, seconds: u64) -> (http::request::Parts, Vec<u8>) {
        let Value::Object(context) = json!({ "username": "Ada", "newsletter": null }) else {
            panic!("an object")
        };
        let task = Task {
            run: RunId::from_bits(7),
            step: "call-webhook".parse().unwrap(),
            attempt,
            context,
        };
        let url = "https://hooks.example/sign-ups?key=k".parse().unwrap();
        let keys = WebhookKeys::new(&Secret::new("A1b2".repeat(16))).unwrap();
        let now = from_epoch_seconds(seconds);
        let request = request(&url, &keys, "sign-up", &task, now).unwrap();
        let (head, body) = request.into_parts();
        (head, body.collect().await.unwrap().to_bytes().to_vec())
    }

    #[tokio::test]
    async fn the_context_is_posted_with_what_it_belongs_to() {
        let (head, body) = written(1, 1_772_366_400).await;
        assert_eq!((head.method.as_str(), head.uri.path()), ("POST", "/sign-ups"));
        assert_eq!(head.headers["content-type"], "application/json");
        let expected = json!({
            "run": "00000000000000000000000000000007",
            "step": "call-webhook",
            "pipeline": "sign-up",
            "context": { "username": "Ada", "newsletter": null },
        });
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
    }

    #[tokio::test]
    async fn every_attempt_has_the_same_name_and_its_own_time_and_signature() {
        let (first, body) = written(1, 1_772_366_400).await;
        let (second, again) = written(2, 1_772_366_460).await;
        let id = "00000000000000000000000000000007-call-webhook";
        for head in [&first, &second] {
            assert_eq!(head.headers["webhook-id"], id);
            assert_eq!(head.headers["idempotency-key"], format!("\"{id}\""));
        }
        assert_eq!(body, again);
        assert_eq!(first.headers["webhook-timestamp"], "1772366400");
        assert_eq!(second.headers["webhook-timestamp"], "1772366460");
        assert_ne!(first.headers["webhook-signature"], second.headers["webhook-signature"]);
    }
}
