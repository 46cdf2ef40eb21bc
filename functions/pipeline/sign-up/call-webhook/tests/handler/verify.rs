use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// True if a body, as it arrived, was sent by who has the key (`whsec_…`), within five minutes of
/// `now` (seconds since 1970). The headers are Webhook-Id, Webhook-Timestamp, Webhook-Signature.
pub(crate) fn is_genuine(key: &str, headers: [&str; 3], body: &[u8], now: u64) -> bool {
    let [id, timestamp, signatures] = headers;
    let key = STANDARD.decode(key.trim_start_matches("whsec_")).unwrap_or_default();
    let (Ok(sent), Ok(mut mac)) = (timestamp.parse(), Hmac::<Sha256>::new_from_slice(&key)) else {
        return false;
    };
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    let is_signature = |text: &str| {
        let bytes = text.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
        bytes.is_some_and(|bytes| mac.clone().verify_slice(&bytes).is_ok()) // in constant time
    };
    !key.is_empty() && now.abs_diff(sent) <= 300 && signatures.split(' ').any(is_signature)
}
