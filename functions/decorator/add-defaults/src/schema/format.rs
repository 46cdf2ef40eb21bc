//! `format`, asserted: a format that is named is a format that is checked.

use super::calendar::{date, date_time, time};
use super::pointer::is_pointer;
use super::uri;
use regex_lite::Regex;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The formats understood. Any other name is refused when a schema is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    DateTime,
    Date,
    Time,
    Email,
    Hostname,
    Ipv4,
    Ipv6,
    Uri,
    UriReference,
    Uuid,
    JsonPointer,
    Regex,
}

impl Format {
    const ALL: [Self; 12] = [
        Self::DateTime,
        Self::Date,
        Self::Time,
        Self::Email,
        Self::Hostname,
        Self::Ipv4,
        Self::Ipv6,
        Self::Uri,
        Self::UriReference,
        Self::Uuid,
        Self::JsonPointer,
        Self::Regex,
    ];

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::DateTime => "date-time",
            Self::Date => "date",
            Self::Time => "time",
            Self::Email => "email",
            Self::Hostname => "hostname",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Uri => "uri",
            Self::UriReference => "uri-reference",
            Self::Uuid => "uuid",
            Self::JsonPointer => "json-pointer",
            Self::Regex => "regex",
        }
    }

    pub(super) fn accepts(self, text: &str) -> bool {
        match self {
            Self::DateTime => date_time(text),
            Self::Date => date(text.as_bytes()),
            Self::Time => time(text.as_bytes()),
            Self::Email => email(text),
            Self::Hostname => hostname(text),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            Self::Uri => uri::is_uri(text),
            Self::UriReference => uri::is_reference(text),
            Self::Uuid => uuid(text.as_bytes()),
            Self::JsonPointer => is_pointer(text),
            // A long one takes long to compile.
            Self::Regex => text.len() <= 256 && Regex::new(text).is_ok(),
        }
    }
}

/// RFC 5321: a dot-atom or quoted local part, then a host name or an address in brackets.
fn email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    let quoted = local.len() >= 2 && local.starts_with('"') && local.ends_with('"');
    let local_is_right = match quoted {
        true => quoted_string(&local[1..local.len() - 1]),
        false => local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom)),
    };
    let domain_is_right = match domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => match address.strip_prefix("IPv6:") {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => address.parse::<Ipv4Addr>().is_ok(),
        },
        None => hostname(domain),
    };
    local.len() <= 64 && local_is_right && domain_is_right
}

fn quoted_string(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let right = match byte {
            b'\\' => bytes.next().is_some_and(|next| (b' '..=b'~').contains(&next)),
            b'"' => false,
            other => (b' '..=b'~').contains(&other),
        };
        if !right {
            return false;
        }
    }
    true
}

/// RFC 1123: labels of letters, digits and inner hyphens.
pub(super) fn hostname(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: Format, right: &[&str], wrong: &[&str]) {
        for text in right {
            assert!(format.accepts(text), "{} should accept {text:?}", format.name());
        }
        for text in wrong {
            assert!(!format.accepts(text), "{} should refuse {text:?}", format.name());
        }
    }

    #[test]
    fn dates_exist() {
        check(
            Format::Date,
            &["2024-02-29", "2000-02-29", "1999-12-31", "0001-01-01"],
            &[
                "2023-02-29",
                "1900-02-29",
                "2024-13-01",
                "2024-00-10",
                "2024-04-31",
                "2024-1-01",
                "2024-01-00",
                "24-01-01",
                "",
            ],
        );
    }

    #[test]
    fn times_have_an_offset() {
        check(
            Format::Time,
            &[
                "12:00:00Z",
                "23:59:60Z",
                "01:29:60+01:30",
                "18:59:60-05:00",
                "12:00:00.123456+05:30",
                "08:30:06z",
            ],
            &[
                "12:00:00",
                "24:00:00Z",
                "12:60:00Z",
                "12:00:61Z",
                "22:59:60Z",
                "12:00:00.Z",
                "12:00:00+24:00",
                "12:00Z",
                "12:00:00+0100",
            ],
        );
        check(
            Format::DateTime,
            &["2024-02-29T12:00:00Z", "1998-12-31T15:59:60.123-08:00", "2024-01-01t00:00:00z"],
            &["2024-02-30T12:00:00Z", "2024-02-29 12:00:00Z", "2024-02-29", "2024-02-2é12:00:00Z"],
        );
    }

    #[test]
    fn addresses_are_whole() {
        check(
            Format::Email,
            &[
                "joe.bloggs@example.com",
                "te~st@example.com",
                "\"joe bloggs\"@example.com",
                "joe@[127.0.0.1]",
                "joe@[IPv6:::1]",
                "a@localhost",
            ],
            &[
                "2962",
                "@example.com",
                "a@",
                ".a@example.com",
                "a.@example.com",
                "a..b@example.com",
                "a b@example.com",
                "a@exa mple.com",
                "a@-x.com",
                "joe@[300.0.0.1]",
                "a@b@c d",
            ],
        );
        check(
            Format::Hostname,
            &["a", "www.example.com", "xn--4gbwdl.xn--wgbh1c", "1host"],
            &["", "-a", "a-", "a_b", "a..b", "a.", ".a"],
        );
        check(
            Format::Ipv4,
            &["192.168.0.1"],
            &["256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4 ", "0x7f.0.0.1"],
        );
        check(
            Format::Ipv6,
            &["::1", "::ffff:192.168.0.1", "1:2:3:4:5:6:7:8"],
            &["12345::", "1::2::3", "::1%eth0", "1:2:3:4:5:6:7", "::1/64"],
        );
    }

    #[test]
    fn identifiers_keep_their_form() {
        check(
            Format::Uuid,
            &["2EB8AA08-aa98-11ea-b4aa-73b441d16380"],
            &[
                "2eb8aa08aa9811eab4aa73b441d16380",
                "2eb8aa08-aa98-11ea-b4aa-73b441d1638",
                "2eb8aa08-aa98-11ea-b4aa-73b441d1638g",
            ],
        );
        check(Format::JsonPointer, &["", "/", "/a~1b/~0"], &["a", "/~", "/~2", "#/a"]);
        check(Format::Regex, &["^a+$", "(?<year>\\d{4})"], &["^(abc", "a{2,1}"]);
    }
}
