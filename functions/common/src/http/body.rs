//! Reading a JSON request body, with one answer for each way it can be wrong.

use lambda_http::Request;
use lambda_http::http::HeaderMap;
use lambda_http::http::StatusCode;
use lambda_http::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::Value;

use crate::problem::Problem;

/// True for `application/json` and for media types with the suffix `+json` (RFC 6839).
#[must_use]
pub fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// True when the body is compressed or otherwise encoded.
#[must_use]
pub fn is_encoded(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_ENCODING)
        .is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Refuses a body of more than `max` bytes: 413.
///
/// # Errors
/// The problem to answer with.
pub fn check_length(length: usize, max: usize) -> Result<(), Problem> {
    if length <= max {
        return Ok(());
    }
    Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", "The body is too large")
        .detail(format!("At most {max} bytes are accepted.")))
}

/// Refuses a body with a content coding: 415, saying that there must be none (RFC 9110,
/// section 15.5.16).
///
/// # Errors
/// The problem to answer with.
pub fn check_coding(headers: &HeaderMap) -> Result<(), Problem> {
    if !is_encoded(headers) {
        return Ok(());
    }
    let identity = lambda_http::http::HeaderValue::from_static("identity");
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "encoded-body",
        "The body must not be compressed",
    )
    .header(ACCEPT_ENCODING, identity))
}

/// Reads the JSON of a body: 400 with the position when it is not JSON.
///
/// # Errors
/// The problem to answer with.
pub fn parse_json(body: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        // The parser's own message may quote the body; its position does not.
        Problem::new(StatusCode::BAD_REQUEST, "not-json", "The body is not JSON").detail(format!(
            "Line {}, column {}.",
            error.line(),
            error.column()
        ))
    })
}

/// Reads a request body that must be JSON of at most `max` bytes: 413, 415 or 400 otherwise.
///
/// # Errors
/// The problem to answer with.
pub fn json_body(request: &Request, max: usize) -> Result<Value, Problem> {
    let body: &[u8] = request.body().as_ref();
    check_length(body.len(), max)?;
    check_coding(request.headers())?;
    if !is_json(request.headers()) {
        return Err(not_json_type());
    }
    parse_json(body)
}

/// The body must be declared as JSON: 415.
#[must_use]
pub fn not_json_type() -> Problem {
    Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "not-json-type",
        "The body must be of type application/json",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn status(content_type: Option<&str>, coding: Option<&str>, body: &str) -> u16 {
        let mut request = Request::new(Body::from(body));
        for (name, value) in [(CONTENT_TYPE, content_type), (CONTENT_ENCODING, coding)] {
            if let Some(value) = value {
                request.headers_mut().insert(name, value.parse().unwrap());
            }
        }
        match json_body(&request, 20) {
            Ok(_) => 200,
            Err(problem) => problem.status().as_u16(),
        }
    }

    #[test]
    fn json_is_known_by_its_media_type() {
        for json in ["application/json", "Application/JSON; charset=utf-8", "application/a.b+json"]
        {
            assert_eq!(status(Some(json), None, "{}"), 200, "{json}");
        }
        for other in [None, Some("text/plain"), Some("application/jsonx"), Some("text/x+json")] {
            assert_eq!(status(other, None, "{}"), 415, "{other:?}");
        }
    }

    #[test]
    fn each_fault_has_its_status() {
        let json = Some("application/json");
        assert_eq!(status(json, None, ""), 400);
        assert_eq!(status(json, None, "{"), 400);
        assert_eq!(status(json, Some("gzip"), "{}"), 415);
        assert_eq!(status(json, Some("identity"), "{}"), 200);
        assert_eq!(status(json, None, &" ".repeat(21)), 413);
    }

    #[test]
    fn a_deeply_nested_body_is_refused_and_not_overflown() {
        assert!(parse_json("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn the_fault_in_the_body_is_not_quoted() {
        let problem = parse_json(b"{\"password\": hunter2}").unwrap_err();
        let response = problem.into_response();
        assert!(!String::from_utf8_lossy(response.body().as_ref()).contains("hunter2"));
    }
}
