//! Refuses what other sites make a browser send.
//!
//! A browser adds its cookies to whatever any page makes it send, so a function that acts on
//! cookies must know which page was the cause. Every current browser says so in `Sec-Fetch-Site`
//! (W3C Fetch Metadata); older ones name the page's origin in `Origin` (RFC 6454, section 7). What
//! sends neither is no browser, and has no cookies that anybody could abuse.

use lambda_http::http::header::{HOST, ORIGIN};
use lambda_http::http::{HeaderMap, Method, StatusCode};

use crate::problem::Problem;

/// Refuses requests that change something and come from a page of another site: 403.
///
/// # Errors
/// The problem to answer with.
///
/// ```
/// use common::http::cross_site;
/// use lambda_http::http::{HeaderMap, Method};
///
/// let mut headers = HeaderMap::new();
/// assert!(cross_site::check(&Method::POST, &headers).is_ok());
/// headers.insert("sec-fetch-site", "cross-site".parse()?);
/// assert!(cross_site::check(&Method::POST, &headers).is_err());
/// assert!(cross_site::check(&Method::GET, &headers).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn check(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if method.is_safe() || is_own(headers) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "cross-site",
        "Requests from pages of other sites are refused",
    ))
}

fn is_own(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    // `none`: the user typed the address or opened a bookmark.
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let Some(origin) = text(ORIGIN) else { return true };
    // `null`, which pages without an origin of their own send, is nobody's host.
    let host_of_origin = origin.split_once("://").map(|(_, host)| host);
    host_of_origin.is_some() && host_of_origin == text(HOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(method: &Method, headers: &[(&'static str, &'static str)]) -> bool {
        let named =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        check(method, &named.collect()).is_ok()
    }

    #[test]
    fn pages_of_other_sites_change_nothing() {
        for site in ["cross-site", "same-site", "", "anything"] {
            assert!(!passes(&Method::POST, &[("sec-fetch-site", site)]), "{site}");
        }
        assert!(!passes(&Method::DELETE, &[("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn our_own_pages_and_programs_may() {
        assert!(passes(&Method::POST, &[("sec-fetch-site", "same-origin")]));
        assert!(passes(&Method::POST, &[("sec-fetch-site", "none")]));
        assert!(passes(&Method::POST, &[]));
    }

    #[test]
    fn older_browsers_are_told_by_the_origin() {
        let host = ("host", "api.example");
        assert!(passes(&Method::POST, &[host, ("origin", "https://api.example")]));
        for origin in ["https://evil.example", "https://api.example.evil", "null", "", "://"] {
            assert!(!passes(&Method::POST, &[host, ("origin", origin)]), "{origin}");
        }
        assert!(!passes(&Method::POST, &[("origin", "https://api.example")]), "no host to compare");
    }

    #[test]
    fn fetch_metadata_counts_before_the_origin() {
        let own = ("origin", "https://api.example");
        let host = ("host", "api.example");
        assert!(!passes(&Method::POST, &[host, own, ("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn reading_is_everybodys() {
        assert!(passes(&Method::GET, &[("sec-fetch-site", "cross-site")]));
        assert!(passes(&Method::HEAD, &[("origin", "https://evil.example")]));
    }
}
