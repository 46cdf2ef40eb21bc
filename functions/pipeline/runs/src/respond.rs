//! Says yes or no: in JSON or as a flowchart to programs, in pages to people.

use common::http::page;
use common::http::protection::{protect, protected};
use common::problem::Problem;
use lambda_http::http::header::{ACCEPT, VARY};
use lambda_http::http::{HeaderMap, HeaderValue, Method};
use lambda_http::{Body, Request, RequestExt as _, Response};

use crate::outcome::{self, Outcome};
use crate::pages;

/// The answer to a request.
///
/// # Errors
/// The problem to answer with; for people it is a page.
pub(crate) fn respond(
    result: Result<Outcome, Problem>,
    request: &Request,
) -> Result<Response<Body>, Problem> {
    // Browsers do not ask for flowcharts; who does may take pages, too.
    let is_chart = wants_chart(request.headers());
    let is_page = !is_chart && page::is_wanted(request.headers());
    let answer = match result {
        Ok(found) if is_page => pages::answer(found),
        Ok(found) => outcome::answer(found, is_chart),
        Err(problem) if is_page => {
            let page = pages::problem(&problem, request.raw_http_path());
            Err(problem.page(page.into_string()))
        }
        Err(problem) => Err(problem),
    };
    // Programs and people get different answers at one address.
    let vary = HeaderValue::from_static("accept");
    let mut response = answer.map_err(|problem| protected(problem).header(VARY, vary.clone()))?;
    protect(response.headers_mut());
    response.headers_mut().insert(VARY, vary);
    if request.method() == Method::HEAD {
        *response.body_mut() = Body::Empty;
    }
    Ok(response)
}

fn wants_chart(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.into_iter().any(|value| value.contains("text/vnd.mermaid"))
}
