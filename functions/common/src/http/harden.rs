//! Closes gaps between what API Gateway sends and what `lambda_http` can take.
//!
//! API Gateway delivers the path of an HTTP API decoded, so a `?` that was `%3F` would become the
//! start of a query; and `lambda_http` panics on values from which no URI can be built. Answers
//! keep one value per header name, so repeated headers are joined before they are lost.

use std::fmt::Write as _;

use lambda_http::http::header::{COOKIE, HOST, HeaderName, SET_COOKIE};
use lambda_http::http::{HeaderMap, HeaderValue, Uri};
use lambda_http::request::LambdaRequest;
use lambda_http::{Body, Response};
use url::Url;

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Makes a request safe to convert.
pub(crate) fn request(request: &mut LambdaRequest) {
    let LambdaRequest::ApiGatewayV2(request) = request else {
        return;
    };
    retain(&mut request.headers, &HOST, |value| value.to_str().is_ok_and(is_host));
    // It is looked at only where there is no host.
    if !request.headers.contains_key(HOST) {
        request.request_context.domain_name.take_if(|name| !is_host(name));
    }
    retain(&mut request.headers, &FORWARDED_PROTO, |value| value == "https" || value == "http");
    if request.cookies.is_some() {
        request.headers.remove(COOKIE);
    }
    let path = request.raw_path.as_deref().unwrap_or_default().trim_start_matches('/');
    request.raw_path = Some(format!("/{}", escape(path, is_path)));
    if let Some(query) = &request.raw_query_string {
        request.raw_query_string = Some(escape(query, is_query));
    }
}

fn retain(headers: &mut HeaderMap, name: &HeaderName, keep: impl Fn(&HeaderValue) -> bool) {
    if headers.get(name).is_some_and(|value| !keep(value)) {
        headers.remove(name);
    }
}

/// True when a URI can be built on the host, in the eyes of both parsers that will try.
///
/// Plain names are known to be good without asking the parsers, which take as long as everything
/// else here. Plain is: lower-case labels, none of them empty or encoded, the last one of letters.
fn is_host(host: &str) -> bool {
    let is_plain = |label: &str| {
        !label.is_empty()
            && !label.starts_with("xn--")
            && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    let top = host.rsplit('.').next().unwrap_or_default();
    if host.len() <= 253
        && host.split('.').all(is_plain)
        && top.bytes().all(|b| b.is_ascii_lowercase())
    {
        return true;
    }
    Url::parse(&format!("https://{host}/"))
        .is_ok_and(|url| url.path() == "/" && url.as_str().parse::<Uri>().is_ok())
}

/// Characters of a path (RFC 3986, section 3.3).
const fn is_path(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(
            b,
            b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\''
                ..=b',' | b';' | b'=' | b':' | b'@' | b'/'
        )
}

/// Characters of a query (RFC 3986, section 3.4), and the brackets that many clients leave bare.
const fn is_query(b: u8) -> bool {
    is_path(b) || matches!(b, b'?' | b'[' | b']')
}

/// Percent-encodes what may not stand bare. What is encoded already stays as it is.
fn escape(text: &str, is_bare: impl Fn(u8) -> bool) -> String {
    let bytes = text.as_bytes();
    let mut escaped = String::with_capacity(text.len());
    for (at, &byte) in bytes.iter().enumerate() {
        let is_escape = byte == b'%'
            && bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        if is_escape || is_bare(byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// Joins repeated headers (RFC 9110, section 5.3). Cookies have a place of their own.
pub(crate) fn response(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    let repeated: Vec<HeaderName> = headers
        .keys()
        .filter(|name| **name != SET_COOKIE && headers.get_all(*name).iter().nth(1).is_some())
        .cloned()
        .collect();
    for name in repeated {
        let values: Vec<&[u8]> = headers.get_all(&name).iter().map(HeaderValue::as_bytes).collect();
        if let Ok(joined) = HeaderValue::from_bytes(&values.join(&b", "[..])) {
            headers.insert(name, joined);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::{Request, RequestExt as _};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn convert(event: Value) -> Request {
        let mut event: LambdaRequest = serde_json::from_value(event).unwrap();
        request(&mut event);
        event.into()
    }

    fn event(path: &str, query: &str, host: &str) -> Value {
        json!({
            "version": "2.0", "rawPath": path, "rawQueryString": query,
            "headers": { "host": host, "x-forwarded-proto": "https" },
            "requestContext": { "stage": "$default", "http": { "method": "GET", "path": path } },
            "isBase64Encoded": false
        })
    }

    #[test]
    fn a_decoded_question_mark_starts_no_query() {
        let request = convert(event("/me?admin=true", "page=2", "api.example"));
        assert_eq!(request.raw_http_path(), "/me%3Fadmin=true");
        assert_eq!(request.uri().query(), Some("page=2"));
    }

    #[test]
    fn decoded_paths_are_encoded_again_and_encoded_ones_left() {
        let path = |path: &str| convert(event(path, "", "h")).raw_http_path().to_owned();
        assert_eq!(path("/a b/ü/100%"), "/a%20b/%C3%BC/100%25");
        assert_eq!(path("/a%20b/%c3%bc"), "/a%20b/%c3%bc");
        assert_eq!(path("//evil.example/x"), "/evil.example/x");
        assert_eq!(path(""), "/");
    }

    #[test]
    fn repeated_response_headers_are_joined_and_cookies_are_not() {
        let answer = Response::builder()
            .header("vary", "origin")
            .header("vary", "accept")
            .header("set-cookie", "a=1")
            .header("set-cookie", "b=2")
            .body(Body::Empty)
            .unwrap();
        let answer = response(answer);
        assert_eq!(answer.headers()["vary"], "origin, accept");
        assert_eq!(answer.headers().get_all("vary").iter().count(), 1);
        assert_eq!(answer.headers().get_all("set-cookie").iter().count(), 2);
    }

    proptest! {
        #[test]
        fn no_path_query_or_host_makes_the_conversion_panic(
            path in "\\PC{0,30}", query in "[ -~]{0,30}",
            host in "[ -~]{0,20}|([a-zX0-9.-]|xn--){0,9}(\\.com)?"
        ) {
            let request = convert(event(&path, &query, &host));
            prop_assert!(request.raw_http_path().starts_with('/'));
        }
    }
}
