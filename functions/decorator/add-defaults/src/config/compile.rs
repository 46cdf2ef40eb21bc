//! Checks a routes file and makes routes of it.

use std::collections::BTreeMap;
use std::time::Duration;

use lambda_http::http::header::HeaderName;
use lambda_http::http::{HeaderValue, Method, Uri};
use serde_json::Value;

use super::document::{Document, FieldRulesDocument, NonJson, ResponseDocument, RouteDocument};
use super::document::{Setting, UpstreamDocument};
use super::{RequestRules, ResponseRules, Route, Routes, RoutesError, StatusPattern, Upstream};
use crate::forward;
use crate::path::Template;
use crate::rules::{BodyRules, BodyRulesDocument, FieldRules};
use crate::schema::Schema;

/// Longest request body unless a route says otherwise.
const DEFAULT_MAX_BODY: usize = 256 * 1024;
/// Longest request body Lambda can receive: its own limit for an invocation.
const MAX_BODY: usize = 6 * 1024 * 1024;

/// Collects faults, each with the place it was found in.
struct Faults<'a> {
    faults: Vec<String>,
    lookup: &'a dyn Fn(&str) -> Option<String>,
}

impl Faults<'_> {
    fn add(&mut self, place: &str, fault: impl std::fmt::Display) {
        self.faults.push(format!("{place}: {fault}"));
    }

    fn keep<T, E: std::fmt::Display>(&mut self, place: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.add(place, error)).ok()
    }

    fn resolve(&mut self, place: &str, setting: &Setting) -> Option<String> {
        match setting {
            Setting::Literal(text) => Some(text.clone()),
            Setting::Environment(variable) => {
                let value = (self.lookup)(&variable.env);
                if value.is_none() {
                    self.add(place, format_args!("the variable {} is not set", variable.env));
                }
                value
            }
        }
    }
}

pub(super) fn compile(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Routes, RoutesError> {
    let document: Document =
        serde_json::from_str(text).map_err(|error| RoutesError(vec![error.to_string()]))?;
    let mut faults = Faults { faults: Vec::new(), lookup };
    let names: Vec<&String> = document.upstreams.keys().collect();
    let upstreams: Vec<Upstream> = document
        .upstreams
        .iter()
        .filter_map(|(name, upstream)| compile_upstream(name, upstream, &mut faults))
        .collect();
    let mut routes: Vec<Route> = Vec::new();
    for document in &document.routes {
        let upstream = names.iter().position(|name| **name == document.to);
        let route = compile_route(document, upstream, &mut faults);
        if let Some(route) = route {
            let is_twin = |r: &Route| r.method == route.method && r.template == route.template;
            if routes.iter().any(is_twin) {
                faults.add(&route.name, "is configured twice");
            }
            routes.push(route);
        }
    }
    // A route for one method before one for any, where their templates are alike.
    routes.sort_by_key(|r| std::cmp::Reverse((r.template.precision(), r.method.is_some())));
    if faults.faults.is_empty() {
        Ok(Routes { upstreams, routes, seed: document.seed })
    } else {
        Err(RoutesError(faults.faults))
    }
}

fn compile_upstream(
    name: &str,
    document: &UpstreamDocument,
    faults: &mut Faults<'_>,
) -> Option<Upstream> {
    let place = format!("upstream {name}");
    if document.attempts == 0 || document.timeout_ms == 0 {
        faults.add(&place, "attempts and timeoutMs start at 1");
    }
    let url = faults.resolve(&place, &document.url)?;
    let uri: Uri = faults.keep(&place, url.parse())?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let Some(authority) = uri.authority().filter(|_| is_web && uri.query().is_none()) else {
        faults.add(&place, "url must be http(s)://host/path without a query");
        return None;
    };
    if authority.as_str().contains('@') {
        faults.add(&place, "url must not hold credentials");
    }
    let base = uri.path().trim_end_matches('/').to_owned();
    let scheme = uri.scheme_str().unwrap_or("https");
    let origin = faults.keep(&place, format!("{scheme}://{authority}").parse())?;
    let timeout = Duration::from_millis(document.timeout_ms);
    Some(Upstream { origin, base, timeout, attempts: document.attempts })
}

fn compile_route(
    document: &RouteDocument,
    upstream: Option<usize>,
    faults: &mut Faults<'_>,
) -> Option<Route> {
    let name = document.matches.clone();
    let before = faults.faults.len();
    if upstream.is_none() {
        faults.add(&name, format_args!("there is no upstream `{}`", document.to));
    }
    let Some((method, template)) = name.split_once(' ') else {
        faults.add(&name, "match must be a method and a path");
        return None;
    };
    let method = match method {
        "ANY" => None,
        "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => {
            faults.keep(&name, Method::from_bytes(method.as_bytes()))
        }
        _ => {
            faults.add(&name, "the method must be ANY or one of HTTP, in capitals");
            None
        }
    };
    let template = faults.keep(&name, Template::parse(template));
    let path = faults.keep(&name, Template::parse(&document.path));
    let request = compile_request(&name, document, faults);
    let responses = document
        .response
        .iter()
        .filter_map(|response| compile_response(&name, response, faults))
        .collect();
    let (template, path) = (template?, path?);
    faults.keep(&name, path.check_rendered_from(&template));
    let secret_headers =
        secrets(&document.request.headers).filter_map(|name| name.parse().ok()).collect();
    let has_secret_query = secrets(&document.request.query).next().is_some();
    let upstream = upstream?;
    (faults.faults.len() == before).then_some(Route {
        name,
        method,
        template,
        upstream,
        path,
        request,
        responses,
        secret_headers,
        has_secret_query,
    })
}

fn compile_request(name: &str, document: &RouteDocument, faults: &mut Faults<'_>) -> RequestRules {
    let place = format!("{name} request");
    let document = &document.request;
    let max_body = document.max_body_bytes.unwrap_or(DEFAULT_MAX_BODY);
    if max_body > MAX_BODY {
        faults.add(&place, format_args!("maxBodyBytes is at most {MAX_BODY}"));
    }
    RequestRules {
        schema: compile_schema(&place, document.schema.as_ref(), faults),
        max_body,
        non_json: document.non_json.unwrap_or(NonJson::Refuse),
        body: compile_body(&place, &document.body, faults),
        query: compile_fields(&place, "query", &document.query, faults, |text| {
            Ok::<_, std::convert::Infallible>(text.to_owned())
        }),
        headers: compile_headers(&place, &document.headers, faults),
    }
}

fn compile_response(
    name: &str,
    document: &ResponseDocument,
    faults: &mut Faults<'_>,
) -> Option<ResponseRules> {
    let place = format!("{name} response {}", document.status);
    let status = match document.status.as_str() {
        "any" => Some(StatusPattern::Any),
        text => match text.strip_suffix("xx") {
            Some(class) => {
                class.parse().ok().filter(|c| (2..=5).contains(c)).map(StatusPattern::Class)
            }
            None => {
                text.parse().ok().filter(|s| (200..=599).contains(s)).map(StatusPattern::Exactly)
            }
        },
    };
    if status.is_none() {
        faults.add(&place, "status must be like 404, 4xx or any");
    }
    Some(ResponseRules {
        schema: compile_schema(&place, document.schema.as_ref(), faults),
        non_json: document.non_json.unwrap_or(NonJson::Refuse),
        body: compile_body(&place, &document.body, faults),
        headers: compile_headers(&place, &document.headers, faults),
        status: status?,
    })
}

fn compile_schema(
    place: &str,
    document: Option<&Value>,
    faults: &mut Faults<'_>,
) -> Option<Schema> {
    match Schema::compile(document?) {
        Ok(schema) => Some(schema),
        Err(errors) => {
            for error in &errors {
                faults.add(place, format_args!("schema {error}"));
            }
            None
        }
    }
}

fn compile_body(place: &str, document: &BodyRulesDocument, faults: &mut Faults<'_>) -> BodyRules {
    BodyRules::parse(document).unwrap_or_else(|errors| {
        for error in errors {
            faults.add(place, format_args!("body {error}"));
        }
        BodyRules::default()
    })
}

fn compile_headers(
    place: &str,
    document: &FieldRulesDocument,
    faults: &mut Faults<'_>,
) -> FieldRules<HeaderName, HeaderValue> {
    compile_fields(place, "headers", document, faults, |text| {
        let name: HeaderName = text.parse().map_err(|_| "is not a header name")?;
        if forward::is_managed(&name) { Err("is managed by the decorator") } else { Ok(name) }
    })
}

/// Compiles rules whose names are read by `read`.
fn compile_fields<N, V, E>(
    place: &str,
    kind: &str,
    document: &FieldRulesDocument,
    faults: &mut Faults<'_>,
    read: impl Fn(&str) -> Result<N, E>,
) -> FieldRules<N, V>
where
    E: std::fmt::Display,
    V: std::str::FromStr<Err: std::fmt::Display>,
{
    let name = |text: &str, faults: &mut Faults<'_>| {
        let named = format!("{place} {kind} `{text}`");
        faults.keep(&named, read(text))
    };
    let values = |document: &BTreeMap<String, Setting>, faults: &mut Faults<'_>| {
        let mut pairs = Vec::new();
        for (text, setting) in document {
            let named = format!("{place} {kind} `{text}`");
            let value = faults
                .resolve(&named, setting)
                .and_then(|value| faults.keep(&named, value.parse::<V>()));
            pairs.extend(name(text, faults).zip(value));
        }
        pairs
    };
    let replace = values(&document.replace, faults);
    let add = values(&document.add, faults);
    let append = values(&document.append, faults);
    let remove = document.remove.iter().filter_map(|text| name(text, faults)).collect();
    let rename = document
        .rename
        .iter()
        .filter_map(|(old, new)| name(old, faults).zip(name(new, faults)))
        .collect();
    FieldRules { remove, rename, replace, add, append }
}

/// Names whose values come from the environment.
fn secrets(document: &FieldRulesDocument) -> impl Iterator<Item = &String> {
    [&document.replace, &document.add, &document.append]
        .into_iter()
        .flatten()
        .filter(|(_, setting)| matches!(setting, Setting::Environment(_)))
        .map(|(name, _)| name)
}
