//! Makes the request that is sent to the upstream of the one that was received.

use std::borrow::Cow;

use bytes::Bytes;
use common::http::body::{
    check_coding, check_length, is_encoded, is_json, not_json_type, parse_json,
};
use common::problem::Problem;
use lambda_http::http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, IF_RANGE, RANGE,
};
use lambda_http::http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::config::{NonJson, RequestRules, Route, Upstream};
use crate::forward::{self, Caller};
use crate::path::{Parameters, is_safe};
use crate::rules::Query;
use crate::schema::{Filled, Generator, Schema, TooMuch, Violation};

/// Longest JSON Pointer that is sent back, in characters.
const MAX_POINTER: usize = 256;

/// What was received.
#[derive(Debug)]
pub struct Incoming<'a> {
    /// Its method.
    pub method: &'a Method,
    /// Its path, percent-encoded.
    pub path: &'a str,
    /// Its query, without the question mark.
    pub query: Option<&'a str>,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body; empty when there is none.
    pub body: &'a [u8],
    /// Who sent it.
    pub caller: Caller,
}

/// What is sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Its method.
    pub method: Method,
    /// Its path and query at the upstream.
    pub path_and_query: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// What was filled in, if that was asked for.
    pub filled: Vec<Filled>,
}

/// Fills, validates and reshapes a request.
///
/// # Errors
/// The problem to answer with; the request is at fault.
pub fn prepare(
    route: &Route,
    upstream: &Upstream,
    parameters: &Parameters,
    incoming: &Incoming<'_>,
    generator: &mut Generator<'_>,
    pseudonym: &str,
    explain: bool,
) -> Result<Outgoing, Problem> {
    if !is_safe(incoming.path) {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "unsafe-path", "The path is ambiguous")
            .detail("It has dot segments or encoded slashes."));
    }
    let mut headers = incoming.headers.clone();
    let (body, filled) = reshape_body(&route.request, incoming, &mut headers, generator, explain)?;
    forward::request_headers(&mut headers, &incoming.caller, pseudonym);
    if route.reads_answers() {
        // A part of an answer, or another form of it, could not be read: rules would be skipped.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.remove(RANGE);
        headers.remove(IF_RANGE);
    }
    route.request.headers.apply(&mut headers);
    let mut path_and_query = format!("{}{}", upstream.base, route.path.render(parameters));
    let query = reshape_query(&route.request, incoming.query.unwrap_or_default());
    if !query.is_empty() {
        path_and_query.push('?');
        path_and_query.push_str(&query);
    }
    Ok(Outgoing { method: incoming.method.clone(), path_and_query, headers, body, filled })
}

fn reshape_query(rules: &RequestRules, query: &str) -> String {
    if rules.query.is_empty() {
        return query.to_owned();
    }
    let mut query = Query::parse(query);
    rules.query.apply(&mut query);
    query.to_string()
}

fn reshape_body(
    rules: &RequestRules,
    incoming: &Incoming<'_>,
    headers: &mut HeaderMap,
    generator: &mut Generator<'_>,
    explain: bool,
) -> Result<(Bytes, Vec<Filled>), Problem> {
    let untouched = || (Bytes::copy_from_slice(incoming.body), Vec::new());
    check_length(incoming.body.len(), rules.max_body)?;
    let takes_body = matches!(*incoming.method, Method::POST | Method::PUT | Method::PATCH);
    if !rules.reads_body() || (incoming.body.is_empty() && !takes_body) {
        return Ok(untouched());
    }
    let mut body = if incoming.body.is_empty() {
        // A missing body is an object in which everything is missing.
        headers.remove(CONTENT_ENCODING);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Value::Object(Map::new())
    } else {
        let is_readable = is_json(headers) && !is_encoded(headers);
        if !is_readable && rules.non_json == NonJson::Pass {
            return Ok(untouched());
        }
        check_coding(headers)?;
        if !is_readable {
            return Err(not_json_type());
        }
        parse_json(incoming.body)?
    };
    let mut filled = Vec::new();
    if let Some(schema) = &rules.schema {
        filled = fill(schema, &mut body, generator, explain).map_err(too_much)?;
        if generator.ran_dry() {
            return Err(Problem::internal("the operating system gave no randomness"));
        }
        let violations = schema.validate(&body);
        if !violations.is_empty() {
            return Err(invalid(&violations, &filled));
        }
    }
    rules.body.apply(&mut body);
    let text = serde_json::to_vec(&body).map_err(Problem::internal)?;
    Ok((Bytes::from(text), filled))
}

/// Fills what is missing; says what, only if that was asked for.
fn fill(
    schema: &Schema,
    body: &mut Value,
    generator: &mut Generator<'_>,
    explain: bool,
) -> Result<Vec<Filled>, TooMuch> {
    if explain {
        return schema.fill(body, generator);
    }
    schema.fill_quietly(body, generator).map(|_| Vec::new())
}

fn too_much(error: TooMuch) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-body", "The body is invalid")
        .detail(format!("{error}."))
}

fn invalid(violations: &[Violation], filled: &[Filled]) -> Problem {
    let problem =
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-body", "The body is invalid")
            .with("errors", errors(violations));
    if filled.is_empty() { problem } else { problem.with("filled", crate::explain::list(filled)) }
}

/// Violations as members of a problem.
#[must_use]
pub fn errors(violations: &[Violation]) -> Value {
    violations
        .iter()
        .map(|violation| {
            json!({
                "pointer": shorten(&violation.pointer),
                "detail": violation.detail,
                "keyword": violation.keyword,
                "schemaPointer": violation.schema_pointer,
            })
        })
        .collect()
}

/// Names of members are the sender's: a long one must not come back a hundred times.
#[must_use]
pub fn shorten(pointer: &str) -> Cow<'_, str> {
    match pointer.char_indices().nth(MAX_POINTER) {
        None => Cow::Borrowed(pointer),
        Some((at, _)) => Cow::Owned(format!("{}…", &pointer[..at])),
    }
}
