//! Problem details for HTTP APIs (RFC 9457).
//!
//! ```
//! use common::problem::Problem;
//! use lambda_http::http::StatusCode;
//!
//! let problem = Problem::new(StatusCode::CONFLICT, "name-taken", "This name is taken")
//!     .detail("Choose another name.")
//!     .with("pointer", "/name");
//! let response = problem.into_response();
//! assert_eq!(response.headers()["content-type"], "application/problem+json");
//! ```

use std::fmt;

use lambda_http::Body;
use lambda_http::http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use lambda_http::http::{HeaderValue, Response, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};

/// Media type of a problem (RFC 9457, section 3).
pub const MEDIA_TYPE: &str = "application/problem+json";

/// What the URI of a kind starts with. Kinds are listed in `infra/problems.md`.
///
/// A URN, because a locator would have to answer under every domain the API is given (RFC 9457,
/// section 3.1.1, allows types that cannot be dereferenced).
const TYPE_BASE: &str = "urn:problem-type:";

/// What went wrong, in the words of the client's side.
///
/// Internal causes never belong here: they go to the log with [`Problem::cause`].
#[derive(Debug, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    status: StatusCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(flatten)]
    extensions: Map<String, Value>,
    #[serde(skip)]
    headers: Vec<(HeaderName, HeaderValue)>,
    #[serde(skip)]
    cause: Option<String>,
    #[serde(skip)]
    page: Option<String>,
}

fn as_number<S: serde::Serializer>(status: &StatusCode, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem of a kind, with the same title each time it occurs.
    #[must_use]
    pub fn new(status: StatusCode, kind: &str, title: &'static str) -> Self {
        Self {
            kind: format!("{TYPE_BASE}{kind}"),
            title,
            status,
            detail: None,
            instance: None,
            extensions: Map::new(),
            headers: Vec::new(),
            cause: None,
            page: None,
        }
    }

    /// A failure of ours: the client learns nothing but the request id.
    #[must_use]
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal server error")
            .cause(cause)
    }

    /// A path that leads nowhere: 404.
    #[must_use]
    pub fn no_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no-route", "No such resource")
    }

    /// A method that the resource does not have, and those that it has: 405.
    #[must_use]
    pub fn method_not_allowed(allow: &'static str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed")
            .header(ALLOW, HeaderValue::from_static(allow))
    }

    /// A store or a queue that does not answer: 503, to be tried again after a second.
    #[must_use]
    pub fn unavailable(error: impl std::error::Error + 'static) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, "store-unavailable", "The store did not answer")
            .retry_after(1)
            .cause(causes(&error))
    }

    /// What happened this time, in words that help the client to correct it.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Identifies this occurrence, as a URI reference.
    #[must_use]
    pub fn instance(mut self, instance: String) -> Self {
        self.instance = Some(instance);
        self
    }

    /// Adds an extension member (RFC 9457, section 3.2).
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.extensions.insert(member.to_owned(), value.into());
        self
    }

    /// Adds a header to the response, such as `Retry-After` or `Allow`.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Says when to try again, as `Retry-After` in seconds (RFC 9110, section 10.2.3).
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        self.header(lambda_http::http::header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Keeps the internal cause for the log; it is never sent.
    #[must_use]
    pub fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Shows it as a page of HTML instead of JSON, to people. It is still logged as what it is.
    #[must_use]
    pub fn page(mut self, html: String) -> Self {
        self.page = Some(html);
        self
    }

    /// What this kind of problem is called, to show it.
    #[must_use]
    pub const fn title(&self) -> &'static str {
        self.title
    }

    /// What happened this time, to show it.
    #[must_use]
    pub fn told_detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The status that goes with it.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The kind, without what all kinds start with.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.kind.strip_prefix(TYPE_BASE).unwrap_or(&self.kind)
    }

    /// The internal cause, for the log.
    #[must_use]
    pub fn logged_cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The response that carries it, never stored by caches.
    #[must_use]
    pub fn into_response(self) -> Response<Body> {
        // A struct of strings, numbers and JSON values always serialises.
        let json = |problem| serde_json::to_string(problem).unwrap_or_default();
        let (media_type, body) = match self.page {
            Some(page) => ("text/html; charset=utf-8", page),
            None => (MEDIA_TYPE, json(&self)),
        };
        let mut response = Response::new(Body::Text(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        response
    }
}

/// An error and all its causes in one line, for the log.
///
/// Only messages: what `Debug` shows of an SDK error includes the response, and with it data.
#[must_use]
pub fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line = format!("{line}: {cause}");
        source = cause.source();
    }
    line
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), self.title)
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(response: &Response<Body>) -> Value {
        serde_json::from_slice(response.body().as_ref()).unwrap()
    }

    #[test]
    fn a_problem_has_the_members_of_rfc_9457() {
        let response = Problem::new(StatusCode::NOT_FOUND, "no-widget", "No such widget")
            .detail("It may have been deleted.")
            .instance("urn:request:1".to_owned())
            .with("errors", json!([]))
            .into_response();
        assert_eq!(response.status(), 404);
        assert_eq!(
            body(&response),
            json!({
                "type": "urn:problem-type:no-widget", "title": "No such widget", "status": 404,
                "detail": "It may have been deleted.", "instance": "urn:request:1", "errors": []
            })
        );
    }

    #[test]
    fn an_internal_cause_is_not_sent() {
        let problem = Problem::internal("table widgets-prod does not exist");
        assert_eq!(problem.logged_cause(), Some("table widgets-prod does not exist"));
        let response = problem.into_response();
        let text = String::from_utf8_lossy(response.body().as_ref()).into_owned();
        assert!(!text.contains("widgets-prod"), "{text}");
    }

    #[test]
    fn a_problem_can_be_a_page() {
        let problem = Problem::new(StatusCode::GONE, "gone", "It is gone").retry_after(30);
        let page = format!("<h1>{}</h1>", problem.title());
        let response = problem.page(page).into_response();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["retry-after"]),
            (410, &"30".parse().unwrap())
        );
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        assert_eq!(response.body().as_ref(), b"<h1>It is gone</h1>");
    }

    #[test]
    fn retry_after_is_in_seconds() {
        let response = Problem::new(StatusCode::TOO_MANY_REQUESTS, "slow-down", "Slow down")
            .retry_after(30)
            .into_response();
        assert_eq!(response.headers()["retry-after"], "30");
        assert_eq!(response.headers()["cache-control"], "no-store");
    }
}
