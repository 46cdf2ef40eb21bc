//! What a request comes to, and its answer for programs. For people: [`crate::pages`].

use common::http::json;
use common::problem::Problem;
use lambda_http::http::header::{CONTENT_TYPE, LINK, LOCATION};
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::{Body, Response};

use crate::list::{Listed, PageRequest};
use crate::view::View;
use crate::{document, mermaid};

/// What a request comes to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A run is shown.
    Shown(Box<View>),
    /// Failed steps of a run are open again.
    Retried(Box<View>),
    /// Runs are listed.
    Listed(PageRequest, Listed),
    /// A file of the pages.
    File(Response<Body>),
}

/// The answer for a program; with a flowchart in place of the document of a run, if it wants one.
///
/// # Errors
/// An internal problem when a header cannot be made.
pub(crate) fn answer(outcome: Outcome, is_chart: bool) -> Result<Response<Body>, Problem> {
    match outcome {
        Outcome::Shown(view) if is_chart => Ok(chart(&view)),
        Outcome::Shown(view) => json(StatusCode::OK, &document::run(&view)),
        Outcome::Retried(view) => {
            let mut response = if is_chart {
                chart(&view)
            } else {
                json(StatusCode::ACCEPTED, &document::run(&view))?
            };
            *response.status_mut() = StatusCode::ACCEPTED;
            response.headers_mut().insert(LOCATION, header(&view.path())?);
            Ok(response)
        }
        Outcome::Listed(page, listed) => {
            let mut response = json(StatusCode::OK, &document::list(&page, &listed))?;
            if let Some(last) = listed.last {
                let link = header(&format!("<{}>; rel=\"next\"", page.path_after(last)))?;
                response.headers_mut().insert(LINK, link);
            }
            Ok(response)
        }
        Outcome::File(file) => Ok(file),
    }
}

fn chart(view: &View) -> Response<Body> {
    let mut response = Response::new(Body::Text(mermaid::flowchart(view)));
    let kind = HeaderValue::from_static("text/vnd.mermaid; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// Leads a browser to another page, which it reads with GET (RFC 9110, section 15.4.4).
///
/// # Errors
/// An internal problem when the path makes no header.
pub(crate) fn see_other(path: &str) -> Result<Response<Body>, Problem> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::SEE_OTHER;
    response.headers_mut().insert(LOCATION, header(path)?);
    Ok(response)
}

fn header(text: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::try_from(text).map_err(Problem::internal)
}
