//! The form of a URI, as RFC 3986 has it.

use std::net::Ipv6Addr;

/// An absolute URI: it has a scheme.
pub(super) fn is_uri(text: &str) -> bool {
    match text.split_once(':') {
        Some((scheme, rest)) => is_scheme(scheme) && is_rest(rest),
        None => false,
    }
}

/// A URI, or what can be resolved against one.
pub(super) fn is_reference(text: &str) -> bool {
    // A colon in the first segment of a relative path would read as a scheme.
    let first = text.find(['/', '?', '#']).map_or(text, |at| &text[..at]);
    match first.contains(':') {
        true => is_uri(text),
        false => is_rest(text),
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Authority, path, query and fragment.
fn is_rest(text: &str) -> bool {
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (text, query) = text.split_once('?').unwrap_or((text, ""));
    let (authority, path) = match text.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", text),
    };
    is_authority(authority)
        && made_of(path, b":@/")
        && made_of(query, b":@/?")
        && made_of(fragment, b":@/?")
}

fn is_authority(text: &str) -> bool {
    let (user, address) = match text.rsplit_once('@') {
        Some((user, address)) => (user, address),
        None => ("", text),
    };
    let (host_is_right, port) = match address.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, port)) => (is_ip_literal(host), port),
            None => return false,
        },
        None => {
            let (host, port) = address.split_at(address.find(':').unwrap_or(address.len()));
            (made_of(host, b""), port)
        }
    };
    let port_is_right = match port.strip_prefix(':') {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_digit()),
        None => port.is_empty(),
    };
    made_of(user, b":") && host_is_right && port_is_right
}

fn is_ip_literal(text: &str) -> bool {
    match text.strip_prefix(['v', 'V']) {
        Some(future) => match future.split_once('.') {
            Some((version, address)) => {
                let hex =
                    !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_hexdigit());
                hex && !address.is_empty() && !address.contains('%') && made_of(address, b":")
            }
            None => false,
        },
        None => text.parse::<Ipv6Addr>().is_ok(),
    }
}

/// Whether a text holds only unreserved characters, sub-delimiters, percent-encoded bytes and
/// what else is allowed at its place.
fn made_of(text: &str, also: &[u8]) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let right = match byte {
            b'%' => {
                let mut hex = || bytes.next().is_some_and(|digit| digit.is_ascii_hexdigit());
                hex() && hex()
            }
            other => {
                other.is_ascii_alphanumeric()
                    || b"-._~!$&'()*+,;=".contains(&other)
                    || also.contains(&other)
            }
        };
        if !right {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_have_a_scheme_and_no_foreign_characters() {
        for text in [
            "http://foo.bar/?baz=qux#quux",
            "http://-.~_!$&'()*+,;=:%40:80%2f::::::@example.com",
            "mailto:John.Doe@example.com",
            "urn:oasis:names:x:1.2",
            "tel:+1-816-555-1212",
            "ldap://[2001:db8::7]/c=GB?objectClass?one",
            "http://example.com:8080",
            "file:///etc",
        ] {
            assert!(is_uri(text), "{text}");
        }
        for text in [
            "//foo.bar",
            "/abc",
            "\\\\WINDOWS\\share",
            "abc",
            "http:// x",
            ":// x",
            "bar,baz:foo",
            "https://[@example.org/",
            "http://example.com:80a",
            "http://a/%zz",
            "http://é.example",
            "1a:b",
            "http://a/<b>",
            "http://[1.2.3.4]/",
            "http://a#b#c",
        ] {
            assert!(!is_uri(text), "{text}");
        }
    }

    #[test]
    fn references_may_be_relative() {
        for text in ["/abc", "//foo.bar/?baz=qux", "abc", "#fragment", "", "./a:b", "http://a"] {
            assert!(is_reference(text), "{text}");
        }
        for text in ["\\\\WINDOWS\\share", "#frag\\ment", "1a:b", "a b"] {
            assert!(!is_reference(text), "{text}");
        }
    }
}
