//! What may be posted to: the form of the URL, and the addresses it leads to.
//!
//! Whoever chooses the URL of a webhook chooses where this function connects to, from inside the
//! account ("server-side request forgery"). Names prove nothing, so addresses are judged, by
//! [`is_public`], after the look-up and before the connection.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use lambda_http::http::Uri;
use url::{Host, Url};

/// Blocks of IPv4 that are not public, as address and length of the prefix: those the IANA IPv4
/// Special-Purpose Address Registry calls not globally reachable, the retired anycast of 6to4, and
/// multicast.
const NOT_PUBLIC_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // "this network", unspecified
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // shared by carriers (CGNAT)
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local: metadata and credentials on AWS
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // relays of 6to4
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // multicast
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // reserved, broadcast
];

/// The only block of IPv6 from which public addresses are given out. All that wraps IPv4 is outside
/// of it, 6to4 and Teredo aside, and so are `fc00::/7` (with AWS's `fd00:ec2::/32`), `fe80::/10`
/// and `ff00::/8`.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Blocks in [`GLOBAL_V6`] that are not public all the same.
const NOT_PUBLIC_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo among them
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// True for addresses on the public Internet.
///
/// IPv6 addresses that stand for IPv4 ones (mapped, compatible, 6to4, Teredo, NAT64) are none,
/// whatever they stand for: resolvers have no reason to answer with them.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4.iter().any(|block| is_in_v4(address, *block)),
        IpAddr::V6(address) => {
            is_in_v6(address, GLOBAL_V6)
                && !NOT_PUBLIC_V6.iter().any(|block| is_in_v6(address, *block))
        }
    }
}

fn is_in_v4(address: Ipv4Addr, (block, length): (Ipv4Addr, u32)) -> bool {
    (address.to_bits() ^ block.to_bits()) >> (Ipv4Addr::BITS - length) == 0
}

fn is_in_v6(address: Ipv6Addr, (block, length): (Ipv6Addr, u32)) -> bool {
    (address.to_bits() ^ block.to_bits()) >> (Ipv6Addr::BITS - length) == 0
}

/// Where to post to. `Debug` does not show it, because paths and names of hosts can be secrets.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct WebhookUrl(Uri);

/// Why a text is no URL to post to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookUrlError {
    /// It is none at all.
    #[error("not a URL")]
    Syntax,
    /// It is neither `https` nor `http`.
    #[error("not a URL of HTTP")]
    Scheme,
    /// It has a user or a password in it, which would go over the wire and into logs.
    #[error("a URL with a user or a password in it")]
    UserInfo,
    /// It has a fragment, which is never sent.
    #[error("a URL with a fragment")]
    Fragment,
}

impl WebhookUrl {
    /// The URL, to send to and for nothing else.
    #[must_use]
    pub const fn uri(&self) -> &Uri {
        &self.0
    }

    /// Whether it may be posted to when only public targets may be: it is encrypted, and its host
    /// is a name or a public address. What a name leads to is seen when it is connected to.
    #[must_use]
    pub fn is_for_public(&self) -> bool {
        let host = self.0.host().unwrap_or_default();
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        self.0.scheme_str() == Some("https") && literal.map_or(true, is_public)
    }
}

impl FromStr for WebhookUrl {
    type Err = WebhookUrlError;

    /// Reads a URL as browsers do, so `https://0x7f.1/` is one of `127.0.0.1`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| WebhookUrlError::Syntax)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(WebhookUrlError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WebhookUrlError::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(WebhookUrlError::Fragment);
        }
        if matches!(url.host(), None | Some(Host::Domain(""))) {
            return Err(WebhookUrlError::Syntax);
        }
        url.as_str().parse().map(Self).map_err(|_| WebhookUrlError::Syntax)
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookUrl(***)")
    }
}

#[cfg(test)]
mod tests;
