//! Sends a request to the receiver.

use std::error::Error as StdError;
use std::io;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use common::client::{self, AddressRefused, CaBundleError, Client};
use http_body_util::{BodyExt as _, Full, Limited};
use lambda_http::http::Request;
use lambda_http::http::header::RETRY_AFTER;
use tokio::time::{Instant, timeout, timeout_at};

use crate::answer::Answer;
use crate::retry_after::retry_after;
use crate::targets::is_public;

/// So much of an answer's body is read, in bytes, for the connection to be used again.
const MOST_READ: usize = 64 * 1024;
/// So long is waited for an answer's body.
const LONGEST_READ: Duration = Duration::from_millis(500);

/// Posts to receivers. Redirects are not followed, and nothing is sent twice.
#[derive(Debug, Clone)]
pub struct Receivers {
    client: Client,
    timeout: Duration,
}

/// Why there is no answer. Nothing in it tells of the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The host has no address that may be posted to; nothing was sent.
    #[error("the host of the URL has no public address")]
    Refused,
    /// No connection, so nothing was sent.
    #[error("no connection: {0}")]
    Unreachable(&'static str),
    /// The connection broke, or what came was not HTTP. The receiver may have it all the same.
    #[error("the connection broke before the answer")]
    Broken,
    /// The time is over. The receiver may have it all the same.
    #[error("no answer in time")]
    TimedOut,
}

impl Receivers {
    /// Posts to public addresses only, unless private ones are allowed, and waits for an answer
    /// for as long as `timeout`.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn new(allow_private: bool, timeout: Duration) -> Result<Self, CaBundleError> {
        let client = if allow_private { Client::new() } else { Client::guarded(is_public) };
        Ok(Self { client: client?, timeout })
    }

    /// Sends a request at `now` and waits for its answer. The head counts: what is wrong with the
    /// body does not matter.
    ///
    /// # Errors
    /// See [`PostError`].
    pub async fn post(
        &self,
        request: Request<Full<Bytes>>,
        now: SystemTime,
    ) -> Result<Answer, PostError> {
        let began = Instant::now();
        let end = began + self.timeout;
        let sent = timeout_at(end, self.client.send(request)).await;
        let response = sent.map_err(|_| PostError::TimedOut)?.map_err(|error| judge(&error))?;
        let (head, body) = response.into_parts();
        let wait = head.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = wait.and_then(|value| retry_after(value, now + began.elapsed()));
        // Read for the connection's sake only, so a failure is none of the message.
        let reading = timeout(LONGEST_READ, Limited::new(body, MOST_READ).collect());
        let _ = timeout_at(end, reading).await;
        Ok(Answer { status: head.status, retry_after })
    }
}

fn judge(error: &client::Error) -> PostError {
    if AddressRefused::is_cause_of(error) {
        PostError::Refused
    } else if error.is_connect() {
        PostError::Unreachable(reason(error))
    } else {
        PostError::Broken
    }
}

/// In words of our own, because those of TLS name hosts.
fn reason(error: &client::Error) -> &'static str {
    let (mut found, mut cause) = (None, error.source());
    while let Some(error) = cause {
        found = error.downcast_ref::<io::Error>().or(found);
        cause = error.source();
    }
    match found.map(innermost) {
        Some(io::ErrorKind::ConnectionRefused) => "it was refused",
        Some(io::ErrorKind::TimedOut) => "it took too long",
        Some(io::ErrorKind::InvalidData) => "TLS failed, or the certificate is not trusted",
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            "there is no way to the network"
        }
        Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => "it broke",
        _ => "the name of the host leads nowhere",
    }
}

/// The kind of an error that may be wrapped in others.
fn innermost(error: &io::Error) -> io::ErrorKind {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>());
    inner.map_or_else(|| error.kind(), innermost)
}
