//! E-mail addresses, as far as they are accepted.
//!
//! RFC 5321 allows more than any provider gives out: quoted local parts, comments, addresses of
//! machines in brackets. Here an address is a dot-string, an `@` and the name of a domain. The part
//! before the `@` is ASCII, because SES sends to nothing else; a domain may be written in any script
//! and is kept as DNS knows it.

use std::fmt;
use std::str::FromStr;

use url::Host;

/// Longest address (RFC 5321, section 4.5.3.1.3: a path of 256 with its brackets).
const MAX_LENGTH: usize = 254;
/// Longest part before the `@` (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Longest part of a domain between two dots (RFC 1035, section 2.3.4).
const MAX_LABEL: usize = 63;
/// What a dot-string has besides letters and digits (RFC 5322, section 3.2.3).
const SPECIAL: &[u8] = b"!#$%&'*+-/=?^_`{|}~";

/// An e-mail address that mail can be sent to. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct EmailAddress(String);

/// A text that is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address such as ada@example.com")]
pub struct EmailAddressError;

impl EmailAddress {
    /// The address, for the mail and for nothing else. Its domain is ASCII in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The one spelling under which it is known. A mail server may tell `Ada` from `ada`; hardly any
    /// does, and two users of one mailbox would be worse.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// Key of the record that makes the address one user's.
    #[must_use]
    pub fn key(&self) -> String {
        format!("email#{}", self.canonical())
    }

    /// What stands before the `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

impl FromStr for EmailAddress {
    type Err = EmailAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (local, domain) = text.trim().split_once('@').ok_or(EmailAddressError)?;
        let domain = domain_name(domain).filter(|_| is_local(local)).ok_or(EmailAddressError)?;
        let address = format!("{local}@{domain}");
        if address.len() <= MAX_LENGTH { Ok(Self(address)) } else { Err(EmailAddressError) }
    }
}

fn is_local(text: &str) -> bool {
    let is_atom = |atom: &str| {
        !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || SPECIAL.contains(&b))
    };
    text.len() <= MAX_LOCAL && text.split('.').all(is_atom)
}

/// The name in ASCII. What is an address of a machine, or has no dot, is none.
fn domain_name(text: &str) -> Option<String> {
    // The parser is one of URLs, where `%61` is an `a`.
    if text.contains('%') {
        return None;
    }
    let Ok(Host::Domain(name)) = Host::parse(text) else { return None };
    let is_label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (name.contains('.') && name.split('.').all(is_label)).then_some(name)
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(text: &str) -> Option<String> {
        text.parse::<EmailAddress>().ok().map(|address| address.0)
    }

    #[test]
    fn usual_addresses_are_addresses() {
        for text in [
            "ada@example.com",
            "a@b.de",
            "first.last+tag@mail.example.co.uk",
            "o'brien@example.org",
            "!#$%&'*+-/=?^_`{|}~@example.com",
            "1@1st.example",
        ] {
            assert_eq!(address(text).as_deref(), Some(text));
        }
        assert_eq!(address(" ada@example.com\n").as_deref(), Some("ada@example.com"));
    }

    #[test]
    fn what_no_mail_can_be_sent_to_is_refused() {
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@example",
            "ada@example.com.",
            "ada@.example.com",
            "ada@a..example",
            "a@da@example.com",
            ".ada@example.com",
            "ada.@example.com",
            "a..da@example.com",
            "a da@example.com",
            "\"a da\"@example.com",
            "ünal@example.com",
            "ada@exam ple.com",
            "ada@-a.example",
            "ada@a-.example",
            "ada@a_b.example",
            "ada@ex%61mple.com",
            "ada@127.0.0.1",
            "ada@0x7f.1",
            "ada@[127.0.0.1]",
            "ada@[::1]",
            "ada@example.com>",
            "ada@example.com,bob@example.com",
            "ada@example.com\r\nBcc: bob@example.com",
            "<ada@example.com>",
        ] {
            assert_eq!(address(text), None, "{text}");
        }
    }

    #[test]
    fn domains_of_any_script_are_kept_as_dns_knows_them() {
        assert_eq!(address("ada@Bücher.Example").as_deref(), Some("ada@xn--bcher-kva.example"));
        assert_eq!(address("ada@例え.テスト").as_deref(), Some("ada@xn--r8jz45g.xn--zckzah"));
        assert_eq!(address("ada@ｅｘａｍｐｌｅ.com").as_deref(), Some("ada@example.com"));
    }

    #[test]
    fn lengths_are_those_of_the_standards() {
        let local = |length| address(&format!("{}@example.com", "a".repeat(length)));
        assert!(local(64).is_some() && local(65).is_none());
        let label = |length| address(&format!("a@{}.example", "b".repeat(length)));
        assert!(label(63).is_some() && label(64).is_none());
        let long = |last: usize| {
            let labels = format!("{0}.{0}.{1}", "b".repeat(63), "c".repeat(last));
            address(&format!("{}@{labels}", "a".repeat(64)))
        };
        assert_eq!(long(61).map(|address| address.len()), Some(254));
        assert_eq!(long(62), None);
    }

    #[test]
    fn spellings_of_an_address_are_one_key() {
        let key = |text: &str| text.parse::<EmailAddress>().unwrap().key();
        assert_eq!(key("Ada@EXAMPLE.com"), "email#ada@example.com");
        assert_eq!(key("ada@bücher.example"), key("ADA@xn--bcher-kva.example"));
        let address: EmailAddress = "Ada.L@example.com".parse().unwrap();
        assert_eq!((address.as_str(), address.local()), ("Ada.L@example.com", "Ada.L"));
    }

    #[test]
    fn an_address_is_not_shown() {
        let address: EmailAddress = "ada@example.com".parse().unwrap();
        assert_eq!(format!("{address:?}"), "EmailAddress(***)");
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_visible_ascii_with_one_at_and_is_its_own_spelling(
            text in "[a-zü.+\"<> ]{1,5}@[a-zA-Zü0-9.%,:\\[-]{1,6}\\.[a-z]{2}"
        ) {
            if let Some(address) = address(&text) {
                let is_plain = |b: u8| b.is_ascii_graphic() && !b",;:<>()[]\"\\".contains(&b);
                prop_assert!(address.bytes().all(is_plain));
                prop_assert_eq!(address.matches('@').count(), 1);
                prop_assert_eq!(super::tests::address(&address), Some(address));
            }
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in ".{0,300}") {
            let _ = address(&text);
        }
    }
}
