//! Requests with an `Idempotency-Key`: reading it, and what there is to say when it cannot be used.

use lambda_http::Request;
use lambda_http::http::StatusCode;
use lambda_http::http::header::HeaderName;

use crate::idempotency::{Error, Key, Refused};
use crate::problem::Problem;

/// Request header that names an intention.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The key of a request, if it has one.
///
/// # Errors
/// The problem to answer with: 400.
pub fn key(request: &Request) -> Result<Option<Key>, Problem> {
    let mut values = request.headers().get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let read = match values.next() {
        Some(_) => Err("There must be one key.".to_owned()),
        None => value
            .to_str()
            .map_err(|error| error.to_string())
            .and_then(|text| text.parse().map_err(|error| format!("{error}."))),
    };
    read.map(Some).map_err(|detail| {
        let title = "The Idempotency-Key is invalid";
        Problem::new(StatusCode::BAD_REQUEST, "invalid-idempotency-key", title).detail(detail)
    })
}

/// Why there is no outcome, as the problem to answer with.
#[must_use]
pub fn not_run<S: std::error::Error + 'static>(error: Error<S, Problem>) -> Problem {
    match error {
        Error::Refused(Refused::Mismatch) => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency-key-reused",
            "The Idempotency-Key was used for another request",
        ),
        Error::Refused(Refused::InProgress { retry_after }) => Problem::new(
            StatusCode::CONFLICT,
            "request-in-progress",
            "A request with this Idempotency-Key is in progress",
        )
        .retry_after(retry_after.as_secs().max(1)),
        Error::Store(error) => Problem::unavailable(error),
        Error::Effect(problem) => problem,
        Error::Result(error) => Problem::internal(error),
    }
}
