//! The files of the pages: a style and a script.

use common::http::page::{file, version};
use lambda_http::{Body, Response};

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/code.js");

/// The address of the style.
#[must_use]
pub(crate) fn style_url() -> String {
    format!("/login/assets/style.css?v={:016x}", const { version(STYLE) })
}

/// The address of the script.
#[must_use]
pub(crate) fn script_url() -> String {
    format!("/login/assets/code.js?v={:016x}", const { version(SCRIPT) })
}

/// A file by its name.
#[must_use]
pub(crate) fn asset(name: &str) -> Option<Response<Body>> {
    match name {
        "style.css" => Some(file(STYLE, "text/css; charset=utf-8")),
        "code.js" => Some(file(SCRIPT, "text/javascript; charset=utf-8")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_files_are_served() {
        assert!(asset("style.css").is_some() && asset("code.js").is_some());
        assert!(asset("../config.rs").is_none() && asset("").is_none());
        assert_ne!(style_url(), script_url());
    }
}
