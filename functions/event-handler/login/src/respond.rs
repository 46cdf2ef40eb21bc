//! Says yes or no, to programs in JSON and to people in pages.

use std::time::SystemTime;

use common::http::page::is_wanted;
use common::http::protection::{protect, protected};
use common::problem::Problem;
use lambda_http::http::Method;
use lambda_http::{Body, Request, RequestExt as _, Response};
use sign_in::session::is_secure;

use crate::config::Rules;
use crate::denied::Denied;
use crate::outcome::{self, Outcome};
use crate::{pages, request};

/// The answer to a request.
///
/// # Errors
/// The problem to answer with; for people it is a page.
pub(crate) fn respond(
    result: Result<Outcome, Denied>,
    request: &Request,
    rules: &Rules,
    now: SystemTime,
) -> Result<Response<Body>, Problem> {
    let is_page = is_wanted(request.headers());
    let mut response = match result {
        Ok(found) => {
            let cookie = outcome::cookie(&found, is_secure(request.headers()), now)?;
            let mut response = if is_page {
                pages::answer(found, rules, now)?
            } else {
                outcome::answer(found, rules, now)?
            };
            outcome::add_cookie(response.headers_mut(), cookie);
            response
        }
        Err(denied) if is_page && denied.problem.kind() == "not-signed-in" => {
            outcome::see_other("/login")?
        }
        Err(denied) if is_page => {
            let page = page(&denied, request, rules, now);
            return Err(protected(denied.problem.page(page)));
        }
        Err(denied) => return Err(protected(denied.problem)),
    };
    protect(response.headers_mut());
    if request.method() == Method::HEAD {
        *response.body_mut() = Body::Empty;
    }
    Ok(response)
}

/// The page on which the problem happened, with the problem on it.
fn page(denied: &Denied, request: &Request, rules: &Rules, now: SystemTime) -> String {
    let Denied { problem, challenge } = denied;
    let is_start = request.raw_http_path().trim_matches('/') == "login";
    let page = match challenge {
        Some(challenge) => pages::code(challenge, rules, Some(problem), now),
        None if is_start || problem.kind() == "no-sign-in" => {
            let entered = request::entered_username(request);
            pages::sign_in(entered.as_deref(), Some(problem))
        }
        None => pages::other(problem),
    };
    page.into_string()
}
