//! Which headers cross the decorator.
//!
//! A proxy speaks for itself on each connection, so headers about a connection stay on it (RFC
//! 9110, section 7.6.1). Who the caller is, is known from API Gateway and not from the caller.

use lambda_http::http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, FORWARDED, HOST, HeaderName, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, VIA,
};
use lambda_http::http::{HeaderMap, HeaderValue};

/// Who called, as API Gateway saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// Address of the caller.
    pub source_ip: Option<String>,
    /// Host name that was called.
    pub host: Option<String>,
}

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Headers about one connection.
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    KEEP_ALIVE,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    PROXY_CONNECTION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Headers by which a caller could pass for somebody else, or ask for another resource than its
/// path does, beside all that start with [`FORWARDED_PREFIX`].
const FORWARDING: [&str; 12] = [
    "cf-connecting-ip",
    "client-ip",
    "fastly-client-ip",
    "forwarded",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-host",
    "x-http-method-override",
    "x-original-url",
    "x-real-ip",
    "x-rewrite-url",
];
const FORWARDED_PREFIX: &str = "x-forwarded-";

/// Servers that hand headers on as variables take `_` for `-`.
fn is_forwarding(name: &HeaderName) -> bool {
    let name = name.as_str().replace('_', "-");
    name.starts_with(FORWARDED_PREFIX) || FORWARDING.contains(&name.as_str())
}

/// True for headers that no rule may touch, because what they say follows from the message.
#[must_use]
pub fn is_managed(name: &HeaderName) -> bool {
    HOP_BY_HOP.contains(name) || [HOST, CONTENT_LENGTH, EXPECT, VIA].contains(name)
}

/// Drops headers about a connection, those that `Connection` names included.
pub fn drop_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Makes the headers of a request fit to be sent on.
pub fn request_headers(headers: &mut HeaderMap, caller: &Caller, pseudonym: &str) {
    drop_hop_by_hop(headers);
    let forged: Vec<HeaderName> = headers.keys().filter(|n| is_forwarding(n)).cloned().collect();
    for name in forged.iter().chain(&[HOST, CONTENT_LENGTH, EXPECT]) {
        headers.remove(name);
    }
    let mut set = |name: HeaderName, value: Option<&str>| {
        if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
            headers.insert(name, value);
        }
    };
    let ip = caller.source_ip.as_deref();
    let host = caller.host.as_deref();
    set(FORWARDED_FOR, ip);
    set(FORWARDED_HOST, host);
    set(FORWARDED_PROTO, Some("https"));
    set(FORWARDED, Some(&forwarded(ip, host)));
    if let Ok(via) = HeaderValue::from_str(&format!("1.1 {pseudonym}")) {
        headers.append(VIA, via);
    }
}

/// The `Forwarded` header (RFC 7239); an IPv6 address is quoted and in brackets.
fn forwarded(ip: Option<&str>, host: Option<&str>) -> String {
    let node = match ip {
        Some(ip) if ip.contains(':') => format!("\"[{ip}]\""),
        Some(ip) => ip.to_owned(),
        None => "unknown".to_owned(),
    };
    let host = host.map_or_else(String::new, |host| format!(";host=\"{host}\""));
    format!("for={node}{host};proto=https")
}

/// True when the request has been here before: the upstream leads back (RFC 9110, section 7.6.3).
#[must_use]
pub fn is_loop(headers: &HeaderMap, pseudonym: &str) -> bool {
    headers
        .get_all(VIA)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|hop| hop.split_whitespace().nth(1) == Some(pseudonym))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn headers_about_the_connection_stay_on_it() {
        let mut message = headers(&[
            ("connection", "close, X-Internal"),
            ("x-internal", "1"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
            ("proxy-authorization", "Basic x"),
            ("accept", "*/*"),
        ]);
        drop_hop_by_hop(&mut message);
        assert_eq!(message, headers(&[("accept", "*/*")]));
    }

    #[test]
    fn who_called_is_not_for_the_caller_to_say() {
        let mut message = headers(&[
            ("x-forwarded-for", "10.0.0.1"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "http"),
            ("x-real-ip", "10.0.0.1"),
            ("x-forwarded-user", "root"),
            ("x_forwarded_for", "10.0.0.1"),
            ("x-original-url", "/admin"),
            ("forwarded", "for=10.0.0.1"),
            ("host", "evil.example"),
        ]);
        let caller =
            Caller { source_ip: Some("2001:db8::1".into()), host: Some("api.example".into()) };
        request_headers(&mut message, &caller, "add-defaults");
        let expected = headers(&[
            ("x-forwarded-for", "2001:db8::1"),
            ("x-forwarded-host", "api.example"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "for=\"[2001:db8::1]\";host=\"api.example\";proto=https"),
            ("via", "1.1 add-defaults"),
        ]);
        assert_eq!(message, expected);
    }

    #[test]
    fn a_request_that_comes_back_is_a_loop() {
        assert!(is_loop(&headers(&[("via", "1.1 other, 1.1 add-defaults (x)")]), "add-defaults"));
        assert!(!is_loop(&headers(&[("via", "1.1 other, 1.1 add-defaults-2")]), "add-defaults"));
        assert!(!is_loop(&HeaderMap::new(), "add-defaults"));
    }

    #[test]
    fn rules_may_not_touch_what_follows_from_the_message() {
        assert!(is_managed(&HOST) && is_managed(&CONTENT_LENGTH) && is_managed(&CONNECTION));
        assert!(!is_managed(&HeaderName::from_static("authorization")));
    }
}
