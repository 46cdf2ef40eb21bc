//! Says what the decorator did to a request, and why.
//!
//! `Prefer: explain` (RFC 7240) adds a header to the answer; a *dry run* shows the whole request
//! that would be sent and sends nothing. A dry run is an event whose stage is [`DRY_RUN_STAGE`]:
//! nobody can send one through API Gateway, so it may show more.

use std::fmt::Write as _;

use lambda_http::http::HeaderMap;
use lambda_http::http::header::HeaderName;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};

use crate::config::{Route, Upstream};
use crate::outgoing::{Outgoing, shorten};
use crate::schema::{Filled, Source};

/// The stage, in the request context of an event, that makes it a dry run.
pub const DRY_RUN_STAGE: &str = "dry-run";

/// The request header of preferences.
pub const PREFER: HeaderName = HeaderName::from_static("prefer");
/// The response header that says which preference was honoured.
pub const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
/// The response header that names what was filled in.
pub const FILLED: HeaderName = HeaderName::from_static("decorator-filled");

/// Longest list in a header; API Gateway allows 10 KB for all headers of an answer.
const MAX_HEADER: usize = 4096;

/// True when the request asks for an explanation.
#[must_use]
pub fn is_preferred(headers: &HeaderMap) -> bool {
    headers
        .get_all(PREFER)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|preference| {
            let token = preference.split([';', '=']).next().unwrap_or_default();
            token.trim().eq_ignore_ascii_case("explain")
        })
}

fn source(filled: &Filled) -> String {
    match &filled.source {
        Source::Default => "default".to_owned(),
        Source::Generated(name) => format!("x-generate {name}"),
    }
}

/// What was filled in, as JSON: the first hundred.
#[must_use]
pub fn list(filled: &[Filled]) -> Value {
    filled
        .iter()
        .take(100)
        .map(|filled| {
            json!({
                "pointer": shorten(&filled.pointer),
                "by": source(filled),
                "schemaPointer": filled.schema_pointer,
            })
        })
        .collect()
}

/// What may not stand in the string of a structured field.
const NOT_IN_STRING: &AsciiSet = &CONTROLS.add(b'"').add(b'\\').add(b'%');

/// What was filled in, as a structured field (RFC 9651): `"/color";by="default"`. Pointers are
/// percent-encoded as in a URI fragment. A list that is too long ends with the token `more`.
#[must_use]
pub fn header(filled: &[Filled]) -> String {
    let mut text = String::new();
    for filled in filled {
        let pointer = utf8_percent_encode(&filled.pointer, NOT_IN_STRING);
        let mut item = String::new();
        // Writing to a string cannot fail.
        let _ = write!(item, "\"{pointer}\";by=\"{}\"", source(filled));
        if text.len() + item.len() > MAX_HEADER {
            text.push_str(", more");
            break;
        }
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&item);
    }
    text
}

/// The request that would be sent. Values from the environment are masked.
#[must_use]
pub fn dry_run(route: &Route, upstream: &Upstream, outgoing: &Outgoing) -> Value {
    let mut headers = Map::new();
    for name in outgoing.headers.keys() {
        let shown = if route.secret_headers.contains(name) {
            json!("***")
        } else {
            let values = outgoing.headers.get_all(name).iter();
            values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
        };
        headers.insert(name.to_string(), shown);
    }
    let body = serde_json::from_slice(&outgoing.body)
        .unwrap_or_else(|_| json!(String::from_utf8_lossy(&outgoing.body)));
    let origin = upstream.origin.to_string();
    let mut target = outgoing.path_and_query.as_str();
    if route.has_secret_query {
        target = target.split('?').next().unwrap_or_default();
    }
    let query = if route.has_secret_query { "?***" } else { "" };
    json!({
        "route": route.name,
        "request": {
            "method": outgoing.method.as_str(),
            "url": format!("{}{target}{query}", origin.trim_end_matches('/')),
            "headers": headers,
            "body": body,
        },
        "filled": list(&outgoing.filled),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::http::HeaderValue;

    fn filled(pointer: &str, source: Source) -> Filled {
        Filled { pointer: pointer.into(), source, schema_pointer: "/properties".into() }
    }

    #[test]
    fn the_header_is_a_structured_field() {
        let list = [filled("/name", Source::Generated("name")), filled("/ü\"", Source::Default)];
        assert_eq!(header(&list), r#""/name";by="x-generate name", "/%C3%BC%22";by="default""#);
    }

    #[test]
    fn a_long_list_is_cut_and_says_so() {
        let list = vec![filled("/a/rather/long/pointer/to/a/member", Source::Default); 500];
        let text = header(&list);
        assert!(text.len() <= MAX_HEADER + 6 && text.ends_with(", more"), "{}", text.len());
        assert!(HeaderValue::from_str(&text).is_ok());
    }

    #[test]
    fn the_preference_is_found_among_others() {
        let prefers = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(PREFER, HeaderValue::from_static(value));
            is_preferred(&headers)
        };
        assert!(prefers("explain") && prefers("wait=5, Explain; x=1") && prefers("explain=1"));
        assert!(!prefers("explained") && !prefers("return=explain"));
    }
}
