//! Addresses inside `$id` and `$ref`: RFC 3986, as much of it as one document needs.

use std::borrow::Cow;

/// Undoes percent-encoding.
pub(super) fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let digit = |byte: u8| {
                    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
                };
                digit(bytes.next()?)? << 4 | digit(bytes.next()?)?
            }
            other => other,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// Resolves an address against a base, as RFC 3986 section 5.2 says (both without fragments).
pub(super) fn join(base: &str, address: &str) -> String {
    if scheme_end(address).is_some() || base.is_empty() {
        return address.to_owned();
    }
    let scheme = scheme_end(base).unwrap_or(0);
    let (scheme, rest) = base.split_at(scheme);
    if address.starts_with("//") {
        return format!("{scheme}{address}");
    }
    let authority = match rest.strip_prefix("//") {
        Some(tail) => 2 + tail.find(['/', '?']).unwrap_or(tail.len()),
        None => 0,
    };
    let (authority, rest) = rest.split_at(authority);
    let path = rest.split_once('?').map_or(rest, |(path, _)| path);
    let (relative, query) = match address.find('?') {
        Some(at) => address.split_at(at),
        None => (address, ""),
    };
    let merged = if relative.starts_with('/') {
        relative.to_owned()
    } else if relative.is_empty() {
        path.to_owned()
    } else {
        let folder =
            path.rfind('/').map_or(if authority.is_empty() { "" } else { "/" }, |at| &path[..=at]);
        format!("{folder}{relative}")
    };
    format!("{scheme}{authority}{}{query}", without_dots(&merged))
}

/// Where the scheme of an address ends, its colon included.
fn scheme_end(address: &str) -> Option<usize> {
    let colon = address.find(':')?;
    let mut bytes = address[..colon].bytes();
    let first = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic());
    let scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    (first && bytes.all(scheme)).then_some(colon + 1)
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let last = path.rsplit('/').next();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." if kept.len() > 1 => {
                kept.pop();
            }
            ".." => {}
            other => kept.push(other),
        }
    }
    if matches!(last, Some("." | "..")) {
        kept.push("");
    }
    kept.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_joined_as_the_rfc_says() {
        let base = "http://a/b/c/d;p?q";
        for (address, joined) in [
            ("g", "http://a/b/c/g"),
            ("./g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("..", "http://a/b/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("g:h", "g:h"),
            ("g?y/./x", "http://a/b/c/g?y/./x"),
        ] {
            assert_eq!(join(base, address), joined, "{address}");
        }
        assert_eq!(join("http://a", "g"), "http://a/g");
        assert_eq!(join("", "g.json"), "g.json");
    }

    #[test]
    fn percent_signs_are_decoded() {
        assert_eq!(percent_decode("a%25b%22").as_deref(), Some("a%b\""));
        assert_eq!(percent_decode("a%2"), None);
        assert_eq!(percent_decode("%zz"), None);
    }
}
