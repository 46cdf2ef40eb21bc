//! Links that prove by a signature what they are for, and that expire.
//!
//! A token says for whom and until when it is good, and is signed for one purpose with HMAC-SHA-256:
//! nothing has to be stored to believe it. Whoever has a token can read its subject and use it as
//! often as they like until it expires, so what it allows must bear being done twice.
//!
//! ```
//! use common::clock::from_epoch_seconds as at;
//! use common::redact::Secret;
//! use common::signed::{LinkError, LinkKey};
//!
//! let key = LinkKey::new(&Secret::new("k".repeat(32)))?;
//! let token = key.sign("confirm", "ada@example.com", at(1_000));
//! assert_eq!(key.verify("confirm", &token, at(1_000)), Ok("ada@example.com".to_owned()));
//! assert_eq!(key.verify("confirm", &token, at(1_001)), Err(LinkError::Expired));
//! assert_eq!(key.verify("delete", &token, at(0)), Err(LinkError::Malformed));
//! # Ok::<(), common::signed::LinkKeyError>(())
//! ```

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::clock::epoch_seconds;
use crate::redact::Secret;

/// Bytes a key must have at least: as many as the digest (RFC 2104, section 3).
const KEY_LENGTH: usize = 32;
/// Bytes of a signature.
const MAC_LENGTH: usize = 32;
/// Bytes of a time.
const TIME_LENGTH: usize = 8;
/// What every signature of ours covers, so that a key that signs something else, too, signs no link.
const DOMAIN: &[u8] = b"signed link, version 1";

/// The key that links are signed with.
#[derive(Debug, Clone)]
pub struct LinkKey(Secret<Vec<u8>>);

/// The key is too short to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key of links has fewer than {KEY_LENGTH} bytes")]
pub struct LinkKeyError;

/// Why a token is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It is not one of ours, was changed, or is for another purpose.
    #[error("the link is not valid")]
    Malformed,
    /// It was ours, and its time is over.
    #[error("the link has expired")]
    Expired,
}

impl LinkKey {
    /// Takes the bytes of a secret as the key.
    ///
    /// # Errors
    /// When there are fewer than 32.
    pub fn new(secret: &Secret<String>) -> Result<Self, LinkKeyError> {
        let bytes = secret.expose().as_bytes();
        if bytes.len() < KEY_LENGTH {
            return Err(LinkKeyError);
        }
        Ok(Self(Secret::new(bytes.to_vec())))
    }

    /// A token for a purpose and a subject, valid up to and including `expires` in whole seconds.
    ///
    /// It has only letters, digits, `-` and `_`, so it fits into a path as it is: four characters
    /// for three bytes of the subject, and 54 more.
    #[must_use]
    pub fn sign(&self, purpose: &str, subject: &str, expires: SystemTime) -> String {
        let mut token = epoch_seconds(expires).to_be_bytes().to_vec();
        token.extend_from_slice(subject.as_bytes());
        let mac = self.over(purpose, &token).finalize().into_bytes();
        token.extend_from_slice(&mac);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The subject of a token that was signed for this purpose and has not expired. Signatures are
    /// compared in constant time, and before anything the token says is believed.
    ///
    /// # Errors
    /// Why it is not believed.
    pub fn verify(&self, purpose: &str, token: &str, now: SystemTime) -> Result<String, LinkError> {
        let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| LinkError::Malformed)?;
        let (signed, mac) = bytes
            .len()
            .checked_sub(MAC_LENGTH)
            .and_then(|length| bytes.split_at_checked(length))
            .ok_or(LinkError::Malformed)?;
        self.over(purpose, signed).verify_slice(mac).map_err(|_| LinkError::Malformed)?;
        let (time, subject) =
            signed.split_first_chunk::<TIME_LENGTH>().ok_or(LinkError::Malformed)?;
        if u64::from_be_bytes(*time) < epoch_seconds(now) {
            return Err(LinkError::Expired);
        }
        String::from_utf8(subject.to_vec()).map_err(|_| LinkError::Malformed)
    }

    /// The parts' lengths count, so that no part can run into the next.
    fn over(&self, purpose: &str, signed: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose()).expect("any key");
        for part in [DOMAIN, purpose.as_bytes(), signed] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_epoch_seconds as at;
    use proptest::prelude::*;
    use std::time::Duration;

    const NOON: u64 = 1_772_366_400;

    fn key() -> LinkKey {
        LinkKey::new(&Secret::new("k".repeat(32))).unwrap()
    }

    #[test]
    fn a_link_is_good_up_to_and_including_its_last_second() {
        let token = key().sign("confirm", "ada@example.com", at(NOON));
        let verified = |now| key().verify("confirm", &token, now);
        assert_eq!(verified(at(NOON)), Ok("ada@example.com".to_owned()));
        assert_eq!(verified(at(NOON) + Duration::from_millis(999)), verified(at(NOON)));
        assert_eq!(verified(at(NOON + 1)), Err(LinkError::Expired));
    }

    #[test]
    fn a_link_is_for_one_purpose_and_of_one_key() {
        let token = key().sign("confirm", "ada", at(NOON));
        for purpose in ["unsubscribe", "confir", "confirmada", ""] {
            assert_eq!(key().verify(purpose, &token, at(NOON)), Err(LinkError::Malformed));
        }
        let other = LinkKey::new(&Secret::new("l".repeat(32))).unwrap();
        assert_eq!(other.verify("confirm", &token, at(NOON)), Err(LinkError::Malformed));
        let whole = URL_SAFE_NO_PAD.encode([0; TIME_LENGTH + MAC_LENGTH]);
        for text in ["", "A", "!", &token[1..], &format!("{token}="), &whole] {
            assert_eq!(key().verify("confirm", text, at(NOON)), Err(LinkError::Malformed));
        }
    }

    #[test]
    fn whether_a_changed_link_has_expired_is_not_told() {
        let token = key().sign("confirm", "ada", at(0));
        let changed = format!("B{}", &token[1..]);
        assert_eq!(key().verify("confirm", &changed, at(NOON)), Err(LinkError::Malformed));
    }

    #[test]
    fn the_format_stays_because_links_are_out_there() {
        assert_eq!(
            key().sign("confirm", "ada@example.com", at(NOON)),
            "AAAAAGmkKkBhZGFAZXhhbXBsZS5jb21YK6lHNh09sFcsSUyRVyt8YV-TpEvCZ9aLrWDDk_nF_Q"
        );
    }

    #[test]
    fn keys_are_long_enough_and_not_shown() {
        assert_eq!(LinkKey::new(&Secret::new("k".repeat(31))).unwrap_err(), LinkKeyError);
        assert!(!format!("{:?}", key()).contains("107"));
    }

    proptest! {
        #[test]
        fn a_link_gives_what_was_signed(
            purpose in ".{0,10}", subject in ".{0,60}", expires in 0..u64::MAX / 4, before in 0_u64..99
        ) {
            let token = key().sign(&purpose, &subject, at(expires));
            prop_assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
            prop_assert_eq!(token.len(), (subject.len() * 4 + 160).div_ceil(3));
            let now = at(expires.saturating_sub(before));
            prop_assert_eq!(key().verify(&purpose, &token, now), Ok(subject));
        }

        #[test]
        fn a_link_with_any_byte_changed_is_refused(
            subject in ".{0,30}", place in any::<prop::sample::Index>(), flip in 1_u8..=255
        ) {
            let token = key().sign("confirm", &subject, at(NOON));
            let mut bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            let place = place.index(bytes.len());
            bytes[place] ^= flip;
            let changed = URL_SAFE_NO_PAD.encode(bytes);
            prop_assert_eq!(key().verify("confirm", &changed, at(0)), Err(LinkError::Malformed));
        }

        #[test]
        fn a_link_with_any_character_changed_is_refused(
            subject in ".{0,30}", place in any::<prop::sample::Index>(), other in "[A-Za-z0-9_-]"
        ) {
            let token = key().sign("confirm", &subject, at(NOON));
            let place = place.index(token.len());
            let changed = format!("{}{other}{}", &token[..place], &token[place + 1..]);
            let verified = key().verify("confirm", &changed, at(0));
            prop_assert_eq!(verified.is_ok(), changed == token);
        }

        #[test]
        fn any_text_is_refused_without_panic(purpose in ".{0,10}", text in ".{0,120}") {
            prop_assert_eq!(key().verify(&purpose, &text, at(0)), Err(LinkError::Malformed));
        }
    }
}
