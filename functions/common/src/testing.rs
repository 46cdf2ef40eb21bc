//! For tests of functions: API Gateway requests, in-memory twins and the contracts they keep.

use std::time::SystemTime;

use lambda_http::request::LambdaRequest;
use lambda_http::{Body, Request, Response};
use serde_json::Value;

pub use crate::batch::memory::{BrokenVisibility, MemoryVisibility};
pub use crate::idempotency::contract::check_store;
pub use crate::idempotency::memory::MemoryStore;
pub use crate::journal::contract::{check_journal, run_for_contract};
pub use crate::journal::memory::MemoryJournal;

use crate::http::Handler;

/// The request that `lambda_http` makes of an API Gateway event.
///
/// # Panics
/// When the event is not one of API Gateway.
#[must_use]
#[expect(clippy::expect_used, reason = "a test may panic")]
pub fn request(event: &str) -> Request {
    let mut event: LambdaRequest = serde_json::from_str(event).expect("an API Gateway event");
    crate::http::harden::request(&mut event);
    event.into()
}

/// The JSON a response carries.
///
/// # Panics
/// When it carries none.
#[must_use]
#[expect(clippy::expect_used, reason = "a test may panic")]
pub fn json(response: &Response<Body>) -> Value {
    serde_json::from_slice(response.body().as_ref()).expect("a JSON body")
}

/// What a handler answers, problems included.
pub async fn answer(handler: &impl Handler, request: &Request, now: SystemTime) -> Response<Body> {
    match handler.handle(request, now).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

/// An event with something changed.
///
/// # Panics
/// When the event is not JSON.
#[must_use]
#[expect(clippy::expect_used, reason = "a test may panic")]
pub fn event_with(event: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut event = serde_json::from_str(event).expect("JSON");
    change(&mut event);
    event.to_string()
}

/// The text a response carries.
///
/// # Panics
/// When it is not UTF-8.
#[must_use]
#[expect(clippy::expect_used, reason = "a test may panic")]
pub fn text(response: &Response<Body>) -> String {
    String::from_utf8(response.body().as_ref().to_vec()).expect("UTF-8")
}

/// A header of a response.
///
/// # Panics
/// When it is not there, or not text.
#[must_use]
#[expect(clippy::expect_used, reason = "a test may panic")]
pub fn header(response: &Response<Body>, name: &str) -> String {
    let value = response.headers().get(name).expect("the header");
    value.to_str().expect("text").to_owned()
}

/// The status of a problem, and its kind: what its `type` ends with.
///
/// # Panics
/// When the response is no problem.
#[must_use]
#[expect(clippy::expect_used, reason = "a test may panic")]
pub fn status_and_kind(response: &Response<Body>) -> (u16, String) {
    let problem = json(response);
    let kind = problem["type"].as_str().expect("a type");
    let kind = kind.trim_start_matches("urn:problem-type:").to_owned();
    (response.status().as_u16(), kind)
}
