//! Pages for people, and the files they need.

use lambda_http::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use lambda_http::http::{HeaderMap, HeaderValue};
use lambda_http::{Body, Response};

/// Whether the client is a browser that shows pages, by what it accepts.
#[must_use]
pub fn is_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter();
    accepted.filter_map(|value| value.to_str().ok()).any(|value| value.contains("text/html"))
}

/// A page.
#[must_use]
pub fn html(text: String) -> Response<Body> {
    let mut response = Response::new(Body::Text(text));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, html);
    response
}

/// A file of pages, which browsers keep for a year: name it by its [`version`].
#[must_use]
pub fn file(text: String, media_type: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::Text(text));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(CACHE_CONTROL, kept);
    response
}

/// FNV-1a: different for different versions of a file, which is all that a name needs.
#[must_use]
pub const fn version(texts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut text = 0;
    while text < texts.len() {
        let bytes = texts[text].as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
            at += 1;
        }
        text += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_pages() {
        let wanted = |accept: &'static str| {
            is_wanted(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]))
        };
        assert!(wanted("text/html,application/xhtml+xml,*/*;q=0.8"));
        assert!(!wanted("application/json") && !wanted("*/*") && !is_wanted(&HeaderMap::new()));
    }

    #[test]
    fn versions_change_with_the_content() {
        assert_eq!(version(&[]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(version(&["a"]), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn pages_are_html_and_files_are_kept() {
        assert_eq!(html(String::new()).headers()["content-type"], "text/html; charset=utf-8");
        let file = file("a {}".to_owned(), "text/css; charset=utf-8");
        assert!(file.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    }
}
