//! Every way to say no, in one place.

use common::problem::Problem;
use lambda_http::http::header::WWW_AUTHENTICATE;
use lambda_http::http::{HeaderValue, StatusCode};

use crate::list::PageError;

/// Unknown and malformed names are one: who has none learns nothing about others'.
pub(crate) fn no_run() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no-run", "There is no such run")
        .detail("Its address may be incomplete, or it was deleted after its time.")
}

/// No step has failed, or somebody else was faster.
pub(crate) fn nothing_to_retry() -> Problem {
    Problem::new(StatusCode::CONFLICT, "nothing-to-retry", "There is nothing to try again")
        .detail("No step of this run has failed.")
}

pub(crate) fn not_signed_in() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "not-signed-in", "You are not signed in")
        .header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

pub(crate) fn not_an_operator() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "not-an-operator", "Only operators may list runs")
        .detail("A run itself can be seen by everybody who knows its address.")
}

pub(crate) fn invalid_query(error: PageError) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid-query", "The query is invalid")
        .detail(format!("The parameter {error}."))
        .with("parameter", error.parameter())
}
