//! What answers tell browsers: nothing is stored, framed, sniffed or told to other sites, and
//! nothing runs but our own files (OWASP Secure Headers Project).

use lambda_http::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use lambda_http::http::{HeaderMap, HeaderValue};

use crate::problem::Problem;

/// The headers, each with its value.
const PROTECTION: [(HeaderName, &str); 6] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Paths are secrets where they name a challenge, a run or a signed link.
    (REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (CACHE_CONTROL, "no-store"),
];

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// Adds what is not there yet to the headers of an answer.
pub fn protect(headers: &mut HeaderMap) {
    for (name, value) in &PROTECTION {
        if !headers.contains_key(name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// A problem with these headers. Problems are never stored anyway.
#[must_use]
pub fn protected(problem: Problem) -> Problem {
    let headers = PROTECTION.into_iter().filter(|(name, _)| *name != CACHE_CONTROL);
    headers.fold(problem, |problem, (name, value)| {
        problem.header(name, HeaderValue::from_static(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::http::StatusCode;

    #[test]
    fn an_answer_keeps_what_it_says_itself() {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public"));
        protect(&mut headers);
        assert_eq!((headers.len(), &headers["cache-control"]), (6, &"public".parse().unwrap()));
        assert_eq!(headers["referrer-policy"], "no-referrer");
    }

    #[test]
    fn problems_are_protected_and_stored_nowhere() {
        let problem = Problem::new(StatusCode::GONE, "gone", "It is gone");
        let response = protected(problem).into_response();
        for (name, value) in PROTECTION {
            let values: Vec<_> = response.headers().get_all(&name).iter().collect();
            assert_eq!(values, [value], "{name}");
        }
    }
}
