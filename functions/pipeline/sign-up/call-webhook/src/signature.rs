//! Signs what is sent, by the scheme of Standard Webhooks (version 1.0.0, "Signature scheme").
//!
//! The receiver learns from the signature who sent the message, that nothing in it was changed, and
//! by its time that it is not an old one sent again.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use common::redact::Secret;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What a key starts with when it is shown to people; it may be left out.
const PREFIX: &str = "whsec_";
/// Bytes of a key: at least 192 bits, at most 512.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;
/// So many keys sign at once, at most: while a key is replaced there are two.
const MOST: usize = 2;

/// The keys of a receiver, each of which signs.
#[derive(Debug, Clone)]
pub struct WebhookKeys(Vec<Secret<Vec<u8>>>);

/// A secret that holds no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookKeysError {
    /// There is none, or more than sign at once.
    #[error("the secret holds one key, or two separated by a space")]
    Count,
    /// One is not written as keys are.
    #[error("a key is base64, after `whsec_` or alone")]
    Encoding,
    /// One is too short to be safe, or longer than receivers take.
    #[error("a key has 24 to 64 bytes")]
    Length,
}

impl WebhookKeys {
    /// Reads one key, or two separated by a space: the new one and the one it replaces.
    ///
    /// # Errors
    /// When it is not that. What was read is not told.
    pub fn new(secret: &Secret<String>) -> Result<Self, WebhookKeysError> {
        let keys: Vec<_> = secret.expose().split_whitespace().map(key).collect::<Result<_, _>>()?;
        if (1..=MOST).contains(&keys.len()) { Ok(Self(keys)) } else { Err(WebhookKeysError::Count) }
    }

    /// The value of `Webhook-Signature`: for each key `v1,` and the HMAC-SHA-256 of name, time and
    /// body.
    ///
    /// `timestamp` is in seconds since 1970. Neither it nor `id` may hold a full stop, or parts of
    /// one could pass for parts of the other.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: u64, body: &[u8]) -> String {
        let signatures = self.0.iter().map(|key| {
            // HMAC takes keys of any length.
            #[expect(clippy::expect_used, reason = "a property of HMAC, not of input")]
            let mut mac =
                Hmac::<Sha256>::new_from_slice(key.expose()).expect("a key of any length");
            mac.update(format!("{id}.{timestamp}.").as_bytes());
            mac.update(body);
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }
}

fn key(text: &str) -> Result<Secret<Vec<u8>>, WebhookKeysError> {
    let encoded = text.strip_prefix(PREFIX).unwrap_or(text);
    let bytes = STANDARD.decode(encoded).map_err(|_| WebhookKeysError::Encoding)?;
    if LENGTHS.contains(&bytes.len()) {
        Ok(Secret::new(bytes))
    } else {
        Err(WebhookKeysError::Length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const ID: &str = "0123456789abcdef0123456789abcdef-call-webhook";
    const BODY: &[u8] = br#"{"run":"0123456789abcdef0123456789abcdef","step":"call-webhook","pipeline":"sign-up","context":{"username":"Ada"}}"#;
    /// Of [`KEY`] over [`ID`], noon of 2026-03-01 and [`BODY`], by Python's `hmac`.
    const SIGNATURE: &str = "v1,jfnZA/4PCaRJyApny2fagfZV8b/hbtrgcATVue3qRNc=";

    fn keys(text: &str) -> Result<WebhookKeys, WebhookKeysError> {
        WebhookKeys::new(&Secret::new(text.to_owned()))
    }

    #[test]
    fn a_signature_is_what_others_compute() {
        assert_eq!(keys(KEY).unwrap().sign(ID, 1_772_366_400, BODY), SIGNATURE);
    }

    /// The vector that libraries of Standard Webhooks are tested with.
    #[test]
    fn a_signature_is_what_receivers_libraries_expect() {
        let keys = keys("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        assert_eq!(
            keys.sign(id, 1_614_265_330, br#"{"test": 2432232314}"#),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn while_a_key_is_replaced_both_sign() {
        let both = keys(&format!("{KEY} c2Vjb25kIGtleSBvZiB0d2VudHktZm91cg==")).unwrap();
        let second = "v1,DkWQupW7BsOTtkSMm6gO42MWOl2adtWQiPRbSFA2erk=";
        assert_eq!(both.sign(ID, 1_772_366_400, BODY), format!("{SIGNATURE} {second}"));
    }

    #[test]
    fn what_secrets_manager_generates_is_a_key() {
        // 64 letters and digits are base64 of 48 bytes.
        assert!(keys(&"A1b2".repeat(16)).is_ok());
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_told() {
        for (text, error) in [
            ("", WebhookKeysError::Count),
            (&*format!("{KEY} {KEY} {KEY}"), WebhookKeysError::Count),
            ("whsec_hunter2!", WebhookKeysError::Encoding),
            ("whsec_aHVudGVyMg==", WebhookKeysError::Length),
            (&"A1b2".repeat(22), WebhookKeysError::Length),
        ] {
            assert_eq!(keys(text).unwrap_err(), error, "{text}");
        }
        assert_eq!(format!("{:?}", keys(KEY).unwrap()), "WebhookKeys([Secret(***)])");
    }
}
