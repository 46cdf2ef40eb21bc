//! Calls the API behind the decorator.

use std::time::{Duration, Instant};

use common::client::{self, Client};
use common::problem::{Problem, causes};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use lambda_http::http::{Request, StatusCode};
use tokio::time::{sleep, timeout};

use crate::config::Upstream;
use crate::outgoing::Outgoing;
use crate::reply::{Answer, MAX_ANSWER, too_large};
use crate::retry::{Failure, pause};

/// Sends requests, again where that is safe, and reads answers whole.
#[derive(Debug, Clone)]
pub struct HttpUpstream {
    client: Client,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpstreamError {
    /// No connection.
    #[error("no connection")]
    Unreachable(#[source] client::Error),
    /// The connection broke before the answer's head, or what came was not HTTP.
    #[error("no answer")]
    Broken(#[source] client::Error),
    /// The connection broke within the answer's body.
    #[error("half an answer")]
    Half(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The body is too long to be returned.
    #[error("too long an answer")]
    TooLarge,
    /// The time is over.
    #[error("no answer in time")]
    TimedOut,
    /// The path or query that was received makes no URI.
    #[error("not a URI")]
    Uri(#[source] lambda_http::http::Error),
}

impl HttpUpstream {
    /// Sends over this client.
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }

    /// Opens a connection ahead.
    pub async fn warm(&self, upstream: &Upstream) {
        self.client.warm(&upstream.origin).await;
    }

    /// Sends a request and waits for the whole answer, for as long as `budget` at most.
    ///
    /// # Errors
    /// See [`UpstreamError`].
    pub async fn send(
        &self,
        upstream: &Upstream,
        outgoing: &Outgoing,
        budget: Duration,
    ) -> Result<Answer, UpstreamError> {
        let attempts = self.send_repeatedly(upstream, outgoing, budget);
        timeout(budget, attempts).await.unwrap_or(Err(UpstreamError::TimedOut))
    }

    async fn send_repeatedly(
        &self,
        upstream: &Upstream,
        outgoing: &Outgoing,
        budget: Duration,
    ) -> Result<Answer, UpstreamError> {
        let started = Instant::now();
        let mut attempt = 1;
        loop {
            let outcome = self.send_once(upstream, outgoing).await;
            let Some(failure) = failure(&outcome) else { return outcome };
            let left = budget.saturating_sub(started.elapsed());
            let random = getrandom::u64().unwrap_or_default();
            let method = &outgoing.method;
            match pause(failure, method, attempt, upstream.attempts, left, random) {
                Some(pause) => sleep(pause).await,
                None => return outcome,
            }
            attempt += 1;
        }
    }

    async fn send_once(
        &self,
        upstream: &Upstream,
        outgoing: &Outgoing,
    ) -> Result<Answer, UpstreamError> {
        let origin = upstream.origin.clone().into_parts();
        let uri = lambda_http::http::uri::Builder::new()
            .scheme(origin.scheme.map_or_else(String::new, |scheme| scheme.to_string()).as_str())
            .authority(origin.authority.map_or_else(String::new, |a| a.to_string()))
            .path_and_query(outgoing.path_and_query.as_str())
            .build()
            .map_err(UpstreamError::Uri)?;
        let mut request = Request::new(Full::new(outgoing.body.clone()));
        *request.method_mut() = outgoing.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = outgoing.headers.clone();
        let sent = self.client.send(request).await;
        let response = sent.map_err(|error| {
            if error.is_connect() {
                UpstreamError::Unreachable(error)
            } else {
                UpstreamError::Broken(error)
            }
        })?;
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, MAX_ANSWER).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                UpstreamError::TooLarge
            } else {
                UpstreamError::Half(error)
            }
        })?;
        Ok(Answer { status: parts.status, headers: parts.headers, body: body.to_bytes() })
    }
}

/// What kind of failure an outcome is, if sending again may help.
fn failure(outcome: &Result<Answer, UpstreamError>) -> Option<Failure> {
    match outcome {
        Ok(answer) => matches!(
            answer.status,
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
        )
        .then_some(Failure::Unavailable),
        Err(UpstreamError::Unreachable(_)) => Some(Failure::Connect),
        Err(UpstreamError::Broken(_) | UpstreamError::Half(_)) => Some(Failure::Broken),
        Err(UpstreamError::TooLarge | UpstreamError::TimedOut | UpstreamError::Uri(_)) => None,
    }
}

impl From<UpstreamError> for Problem {
    fn from(error: UpstreamError) -> Self {
        let causes = causes(&error);
        let problem = match error {
            UpstreamError::Unreachable(_) => Self::new(
                StatusCode::BAD_GATEWAY,
                "upstream-unreachable",
                "The API cannot be reached",
            ),
            UpstreamError::Broken(_) | UpstreamError::Half(_) => Self::new(
                StatusCode::BAD_GATEWAY,
                "upstream-broke-off",
                "The API broke off its answer",
            ),
            UpstreamError::TooLarge => return too_large(),
            UpstreamError::TimedOut => Self::new(
                StatusCode::GATEWAY_TIMEOUT,
                "upstream-timeout",
                "The API did not answer in time",
            ),
            UpstreamError::Uri(_) => Self::new(
                StatusCode::BAD_REQUEST,
                "invalid-target",
                "The path or the query is invalid",
            ),
        };
        problem.cause(causes)
    }
}
