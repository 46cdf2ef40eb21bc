//! For tests of functions: API Gateway requests, in-memory twins and the contracts they keep.

use lambda_http::request::LambdaRequest;
use lambda_http::{Body, Request, Response};
use serde_json::Value;

pub use crate::batch::memory::{BrokenVisibility, MemoryVisibility};
pub use crate::idempotency::contract::check_store;
pub use crate::idempotency::memory::MemoryStore;
pub use crate::journal::contract::{check_journal, run_for_contract};
pub use crate::journal::memory::MemoryJournal;

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
