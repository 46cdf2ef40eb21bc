//! Subscribers: whom the newsletter goes to, and who does not want it.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

/// Longest address, in bytes (RFC 5321, section 4.5.3.1, with erratum 1690).
const MAX_ADDRESS: usize = 254;

/// An e-mail address, as its owner writes it. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(String);

/// A text that is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no e-mail address")]
pub struct AddressError;

impl Address {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the subscriber is found by. Addresses that differ in case only are one.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let hash = Sha256::digest(self.0.to_lowercase());
        let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
        Digest(hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
    }
}

/// Reads an address that was checked when its user signed up: what else there is would be a
/// mistake, not somebody's address.
impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_split = text.rsplit_once('@').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty());
        let is_clean = !text.contains(|c: char| c.is_control() || c.is_whitespace());
        if is_split && is_clean && text.len() <= MAX_ADDRESS {
            Ok(Self(text.to_owned()))
        } else {
            Err(AddressError)
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(***)")
    }
}

/// The SHA-256 of an address in lower case: 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest(String);

impl Digest {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Asked for, and not yet confirmed by the owner of the address.
    Pending,
    /// Confirmed.
    Confirmed,
    /// The owner of the address wants no mails.
    Unsubscribed,
}

impl State {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Confirmed, Self::Unsubscribed];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Unsubscribed => "unsubscribed",
        }
    }
}

impl FromStr for State {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.word() == word).ok_or(())
    }
}

/// Whoever is asked to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// Their address.
    pub address: Address,
    /// The user that they signed up as.
    pub username: String,
    /// When the subscription was first asked for.
    pub created: SystemTime,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn digest(text: &str) -> Digest {
        text.parse::<Address>().unwrap().digest()
    }

    #[test]
    fn addresses_that_differ_in_case_are_one_subscriber() {
        assert_eq!(digest("Ada@Example.com"), digest("ada@example.com"));
        assert_ne!(digest("ada@example.com"), digest("bob@example.com"));
        // `printf ada@example.com | sha256sum`
        let known = "b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72";
        assert_eq!(digest("ada@example.com").as_str(), known);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for text in
            ["", "ada", "@example.com", "ada@", "ada @example.com", "a@b\r\nBcc: c@d", &long]
        {
            assert_eq!(text.parse::<Address>(), Err(AddressError), "{text}");
        }
    }

    #[test]
    fn an_address_is_not_shown() {
        assert_eq!(format!("{:?}", "ada@example.com".parse::<Address>()), "Ok(Address(***))");
    }

    #[test]
    fn states_are_read_as_they_are_written() {
        for state in State::ALL {
            assert_eq!(state.word().parse(), Ok(state));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in ".{0,60}") {
            if let Ok(address) = text.parse::<Address>() {
                prop_assert_eq!(address.digest().as_str().len(), 64);
            }
        }
    }
}
