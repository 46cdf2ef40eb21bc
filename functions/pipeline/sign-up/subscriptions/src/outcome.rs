//! What a request comes to, and how it is answered.

use common::http::{json, page, protection};
use common::problem::Problem;
use common::redact;
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, RequestExt as _, Response};
use serde_json::json;

use crate::pages;
use crate::request::Purpose;
use crate::subscriber::{Address, State};

/// What a request comes to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// What a link is for. Looking changes nothing.
    Shown(Purpose, Address),
    /// How the subscription stands now.
    Done(State, Address),
    /// A file of the pages.
    File(Response<Body>),
}

/// The answer to a request: to programs in JSON, to people in pages.
///
/// # Errors
/// The problem to answer with; for people it is a page.
pub(crate) fn respond(
    result: Result<Outcome, Problem>,
    request: &Request,
) -> Result<Response<Body>, Problem> {
    let is_page = page::is_wanted(request.headers());
    let outcome = match result {
        Ok(outcome) => outcome,
        Err(problem) if is_page => {
            let page = pages::problem(&problem).into_string();
            return Err(protection::protected(problem.page(page)));
        }
        Err(problem) => return Err(protection::protected(problem)),
    };
    let path = request.raw_http_path();
    let mut response = match outcome {
        Outcome::File(file) => file,
        Outcome::Shown(purpose, address) if is_page => {
            page::html(pages::shown(purpose, &address, path).into_string())
        }
        Outcome::Done(state, address) if is_page => {
            page::html(pages::done(state, &address).into_string())
        }
        Outcome::Shown(purpose, address) => {
            let email = redact::email(address.as_str());
            json(StatusCode::OK, &json!({ "email": email, "purpose": purpose.name() }))?
        }
        Outcome::Done(state, address) => {
            let email = redact::email(address.as_str());
            json(StatusCode::OK, &json!({ "email": email, "state": state.word() }))?
        }
    };
    protection::protect(response.headers_mut());
    if request.method() == Method::HEAD {
        *response.body_mut() = Body::Empty;
    }
    Ok(response)
}

/// No link of ours: changed, cut off, or for something else.
pub(crate) fn no_link() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no-link", "This link is not valid")
        .detail("Open it from the mail again, or copy it whole.")
}

/// A link of ours whose time is over, or which somebody has overruled since.
pub(crate) fn link_expired(detail: &'static str) -> Problem {
    Problem::new(StatusCode::GONE, "link-expired", "This link is no longer valid").detail(detail)
}
