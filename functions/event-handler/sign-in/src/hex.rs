//! Bytes as lower-case hexadecimal.

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Whether a text is what [`hex`] makes of `length` bytes.
pub(crate) fn is_hex(text: &str, length: usize) -> bool {
    text.len() == 2 * length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
