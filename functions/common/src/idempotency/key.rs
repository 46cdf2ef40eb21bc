//! The `Idempotency-Key` header (IETF draft-ietf-httpapi-idempotency-key-header).

use std::fmt;
use std::str::FromStr;

/// Longest key that is accepted, in characters.
const MAX_LENGTH: usize = 255;

/// A key that a client chose to name one intention.
///
/// Written as a structured-field string (`"…"`, RFC 9651) as the draft has it, or bare as most
/// clients send it; both spellings are the same key.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

/// Why a key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing in it.
    #[error("the key is empty")]
    Empty,
    /// Over 255 characters.
    #[error("the key is longer than 255 characters")]
    TooLong,
    /// Control, space, comma or non-ASCII characters, or a string that does not end.
    #[error("the key is neither visible ASCII nor a quoted string")]
    Malformed,
}

impl Key {
    /// The key without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Key {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim_matches([' ', '\t']);
        let key = match text.strip_prefix('"') {
            Some(rest) => unquote(rest)?,
            // A comma may be where API Gateway joined two headers.
            None if text.bytes().all(|b| b.is_ascii_graphic() && !b"\",".contains(&b)) => {
                text.to_owned()
            }
            None => return Err(KeyError::Malformed),
        };
        match key.len() {
            0 => Err(KeyError::Empty),
            1..=MAX_LENGTH => Ok(Self(key)),
            _ => Err(KeyError::TooLong),
        }
    }
}

/// Reads the rest of a string after its opening quote (RFC 9651, section 4.2.5).
fn unquote(rest: &str) -> Result<String, KeyError> {
    let mut key = String::with_capacity(rest.len());
    let mut characters = rest.chars();
    loop {
        match characters.next() {
            Some('"') => break,
            Some('\\') => match characters.next() {
                Some(escaped @ ('"' | '\\')) => key.push(escaped),
                _ => return Err(KeyError::Malformed),
            },
            Some(c @ ' '..='~') => key.push(c),
            _ => return Err(KeyError::Malformed),
        }
    }
    if characters.next().is_some() { Err(KeyError::Malformed) } else { Ok(key) }
}

/// Keys may be all that protects a stored answer, so they are not logged.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<String, KeyError> {
        text.parse::<Key>().map(|key| key.0)
    }

    #[test]
    fn quoted_and_bare_are_the_same_key() {
        assert_eq!(parse("\"abc-1\""), Ok("abc-1".to_owned()));
        assert_eq!(parse(" abc-1 "), Ok("abc-1".to_owned()));
        assert_eq!(parse(r#""a\"b\\c d""#), Ok(r#"a"b\c d"#.to_owned()));
    }

    #[test]
    fn malformed_keys_are_refused() {
        assert_eq!(parse(""), Err(KeyError::Empty));
        assert_eq!(parse("\"\""), Err(KeyError::Empty));
        for text in ["a b", "a,b", "\"a", "\"a\"b", "a\"b", "\"a\\b\"", "schlüssel", "\"a\u{7}\""]
        {
            assert_eq!(parse(text), Err(KeyError::Malformed), "{text}");
        }
    }

    #[test]
    fn the_longest_key_has_255_characters() {
        assert!(parse(&"k".repeat(255)).is_ok());
        assert_eq!(parse(&"k".repeat(256)), Err(KeyError::TooLong));
    }

    proptest! {
        #[test]
        fn any_visible_text_survives_quoting(text in "[ -~]{1,255}") {
            let quoted = format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\""));
            prop_assert_eq!(parse(&quoted), Ok(text));
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in ".{0,300}") {
            let _ = parse(&text);
        }
    }
}
