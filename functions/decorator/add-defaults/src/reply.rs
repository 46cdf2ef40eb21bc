//! Makes the response that is returned of the one the upstream gave.

use bytes::Bytes;
use common::http::body::{is_encoded, is_json, parse_json};
use common::problem::Problem;
use lambda_http::http::header::CONTENT_LENGTH;
use lambda_http::http::{HeaderMap, StatusCode};
use lambda_http::{Body, Response};

use crate::config::{NonJson, ResponseRules, Route};
use crate::forward;
use crate::schema::Generator;

/// Longest answer Lambda can return, base64 and JSON escapes included, less room for headers.
pub const MAX_ANSWER: usize = 6 * 1024 * 1024 - 64 * 1024;

/// What the upstream answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, whole.
    pub body: Bytes,
}

/// Reshapes an answer.
///
/// # Errors
/// The problem to answer with; the upstream is at fault.
pub fn reply(
    route: &Route,
    answer: Answer,
    generator: &mut Generator<'_>,
) -> Result<Response<Body>, Problem> {
    let Answer { status, mut headers, mut body } = answer;
    if status.is_informational() {
        return Err(bad_answer("The API switched protocols."));
    }
    // Read before headers are dropped: `Connection` may name those that say what the body is.
    if let Some(rules) = route.response(status.as_u16()) {
        if rules.reads_body() && !body.is_empty() {
            if status == StatusCode::PARTIAL_CONTENT {
                return Err(bad_answer("It is a part, although the API was asked for the whole."));
            }
            body = reshape_body(rules, &headers, body, generator)?;
        }
        rules.headers.apply(&mut headers);
    }
    forward::drop_hop_by_hop(&mut headers);
    headers.remove(CONTENT_LENGTH);
    if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        body.clear();
    }
    let mut response = Response::new(to_lambda(&headers, &body)?);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

fn reshape_body(
    rules: &ResponseRules,
    headers: &HeaderMap,
    body: Bytes,
    generator: &mut Generator<'_>,
) -> Result<Bytes, Problem> {
    // Passing it on would skip rules that hide something.
    if is_encoded(headers) {
        return Err(bad_answer("It is compressed although the API was asked not to."));
    }
    if !is_json(headers) {
        return match rules.non_json {
            NonJson::Pass => Ok(body),
            NonJson::Refuse => Err(bad_answer("It is not JSON.")),
        };
    }
    let mut value = parse_json(&body).map_err(|_| bad_answer("It is not JSON."))?;
    if let Some(schema) = &rules.schema {
        schema.fill_quietly(&mut value, generator).map_err(|_| bad_answer("It is invalid."))?;
        if let Some(violation) = schema.validate(&value).first() {
            // Places in the answer may be made of data; places in the schema are ours.
            return Err(bad_answer("It is invalid.").cause(&violation.schema_pointer));
        }
    }
    rules.body.apply(&mut value);
    serde_json::to_vec(&value).map(Bytes::from).map_err(Problem::internal)
}

/// The API's answer is not one that can be returned: 502.
pub(crate) fn bad_answer(detail: &'static str) -> Problem {
    Problem::new(StatusCode::BAD_GATEWAY, "upstream-bad-answer", "The API gave a bad answer")
        .detail(detail)
        .cause(detail)
}

/// The API's answer does not fit through Lambda: 502.
pub(crate) fn too_large() -> Problem {
    bad_answer("It is larger than Lambda can return.")
}

/// Text as it is, everything else in base64.
fn to_lambda(headers: &HeaderMap, body: &Bytes) -> Result<Body, Problem> {
    if body.is_empty() {
        return Ok(Body::Empty);
    }
    match std::str::from_utf8(body) {
        Ok(text) if !is_encoded(headers) => {
            let length: usize = text.bytes().map(json_length).sum();
            if length > MAX_ANSWER { Err(too_large()) } else { Ok(Body::Text(text.to_owned())) }
        }
        _ if body.len().div_ceil(3) * 4 > MAX_ANSWER => Err(too_large()),
        _ => Ok(Body::Binary(body.to_vec())),
    }
}

/// Bytes that a byte takes within a JSON string.
const fn json_length(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0..=31 => 6,
        _ => 1,
    }
}
