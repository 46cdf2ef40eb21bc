//! The signed links that mails lead to. `subscriptions` answers them.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use common::signed::LinkKey;

/// The purpose of links that confirm a subscription.
pub const CONFIRM: &str = "confirm";
/// The purpose of links that end a subscription.
pub const UNSUBSCRIBE: &str = "unsubscribe";

const DAY: Duration = Duration::from_secs(24 * 3_600);
/// How long a subscription can be confirmed.
pub const CONFIRM_TTL: Duration = DAY.saturating_mul(7);
/// How long a mail can be used to unsubscribe.
pub const UNSUBSCRIBE_TTL: Duration = DAY.saturating_mul(365);

/// Makes links that lead to `subscriptions`.
#[derive(Debug, Clone)]
pub struct Links {
    key: LinkKey,
    origin: Origin,
}

impl Links {
    /// Links under an origin, signed with a key.
    #[must_use]
    pub const fn new(key: LinkKey, origin: Origin) -> Self {
        Self { key, origin }
    }

    /// The link by which the owner of an address confirms the subscription.
    #[must_use]
    pub fn confirm(&self, address: &str, now: SystemTime) -> String {
        self.link(CONFIRM, address, now + CONFIRM_TTL)
    }

    /// The link by which the owner of an address gets no more of these mails.
    #[must_use]
    pub fn unsubscribe(&self, address: &str, now: SystemTime) -> String {
        self.link(UNSUBSCRIBE, address, now + UNSUBSCRIBE_TTL)
    }

    fn link(&self, purpose: &str, address: &str, expires: SystemTime) -> String {
        let token = self.key.sign(purpose, address, expires);
        format!("{}/subscriptions/{purpose}/{token}", self.origin.0)
    }
}

/// Where the API is: a URL of HTTPS, or of HTTP on a developer's machine, without query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin(String);

/// A text that links cannot start with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("links start with https:// and a host")]
pub struct OriginError;

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/[]$".contains(&b);
        let rest = rest.filter(|rest| rest.bytes().all(is_plain)).ok_or(OriginError)?;
        let origin = text.trim_end_matches('/');
        if rest.starts_with('/') || rest.is_empty() {
            return Err(OriginError);
        }
        Ok(Self(origin.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::clock::from_epoch_seconds as at;
    use common::redact::Secret;

    #[test]
    fn links_lead_to_where_they_are_answered() {
        let key = LinkKey::new(&Secret::new("k".repeat(32))).unwrap();
        let links = Links::new(key.clone(), "https://api.example/".parse().unwrap());
        let now = at(1_772_366_400);
        for (purpose, link, days) in [
            (CONFIRM, links.confirm("ada@example.com", now), 7),
            (UNSUBSCRIBE, links.unsubscribe("ada@example.com", now), 365),
        ] {
            let start = format!("https://api.example/subscriptions/{purpose}/");
            let token = link.strip_prefix(&start).unwrap();
            let last = now + DAY * days;
            let verified = |now| key.verify(purpose, token, now);
            assert_eq!(verified(last).as_deref(), Ok("ada@example.com"));
            assert!(verified(last + Duration::from_secs(1)).is_err());
        }
    }

    #[test]
    fn the_longest_link_fits_into_a_header() {
        let key = LinkKey::new(&Secret::new("k".repeat(32))).unwrap();
        let origin = format!("https://{}", "h".repeat(253));
        let links = Links::new(key, origin.parse().unwrap());
        let link = links.unsubscribe(&"a".repeat(254), at(0));
        assert!("List-Unsubscribe<>".len() + link.len() <= 996, "{}", link.len());
    }

    #[test]
    fn links_start_with_a_host() {
        for text in ["https://api.example", "https://api.example/$default/", "http://[::1]:3000"] {
            assert!(text.parse::<Origin>().is_ok(), "{text}");
        }
        for text in
            ["", "api.example", "https://", "https:///x", "ftp://a", "https://a b", "https://a/?b"]
        {
            assert_eq!(text.parse::<Origin>(), Err(OriginError), "{text}");
        }
    }
}
