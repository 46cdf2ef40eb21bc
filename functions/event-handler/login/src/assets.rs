//! The files of the pages: a style and a script. Browsers keep them for a year, under a name that
//! changes with their content.

use lambda_http::http::HeaderValue;
use lambda_http::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use lambda_http::{Body, Response};

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/code.js");

const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The address of the style.
#[must_use]
pub(crate) fn style_url() -> String {
    format!("/login/assets/style.css?v={:016x}", const { digest(STYLE) })
}

/// The address of the script.
#[must_use]
pub(crate) fn script_url() -> String {
    format!("/login/assets/code.js?v={:016x}", const { digest(SCRIPT) })
}

/// A file by its name.
#[must_use]
pub(crate) fn asset(name: &str) -> Option<Response<Body>> {
    let (text, kind) = match name {
        "style.css" => (STYLE, "text/css; charset=utf-8"),
        "code.js" => (SCRIPT, "text/javascript; charset=utf-8"),
        _ => return None,
    };
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, KEPT);
    Some(response)
}

/// FNV-1a: different for different versions, which is all that a name needs.
const fn digest(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_change_with_the_content() {
        assert_eq!(digest(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(digest("a"), 0xaf63_dc4c_8601_ec8c);
        assert_ne!(style_url(), script_url());
    }

    #[test]
    fn only_our_own_files_are_served() {
        assert!(asset("style.css").is_some() && asset("code.js").is_some());
        assert!(asset("../config.rs").is_none() && asset("").is_none());
    }
}
