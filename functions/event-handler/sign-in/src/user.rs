//! Users, as far as signing in needs them.

use std::fmt;
use std::str::FromStr;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

use crate::phone::Phone;

/// Longest user name, in characters.
pub const MAX_USERNAME: usize = 64;
/// Longest user name as it is stored, in bytes. Composing can make one character eighteen, and a
/// key of DynamoDB has at most 2,048 bytes.
const MAX_CANONICAL: usize = 512;
/// Longest password, in characters. NIST SP 800-63B-4 (3.1.1.2) asks for at least 64.
pub const MAX_PASSWORD: usize = 256;

/// A user name, as its owner writes it. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Username(String);

/// Why a text is no user name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Nothing but spaces.
    #[error("must not be empty")]
    Empty,
    /// Over [`MAX_USERNAME`].
    #[error("has more than {MAX_USERNAME} characters")]
    TooLong,
    /// Line breaks and the like.
    #[error("has control characters")]
    Control,
    /// What nobody sees, as a zero-width space, would make two users that look the same.
    #[error("has invisible characters")]
    Invisible,
}

impl Username {
    /// The name in the one spelling under which it is stored: composed and in lower case, so that
    /// neither the keyboard nor the shift key makes another user.
    #[must_use]
    pub fn canonical(&self) -> String {
        composed(&composed(&self.0).to_lowercase())
    }

    /// Key of the user's record.
    #[must_use]
    pub fn key(&self) -> String {
        format!("user#{}", self.canonical())
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = UsernameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim();
        match name.chars().count() {
            0 => Err(UsernameError::Empty),
            1..=MAX_USERNAME if name.chars().any(is_control) => Err(UsernameError::Control),
            1..=MAX_USERNAME if name.chars().any(is_invisible) => Err(UsernameError::Invisible),
            1..=MAX_USERNAME => {
                let name = Self(name.to_owned());
                if name.canonical().len() > MAX_CANONICAL {
                    return Err(UsernameError::TooLong);
                }
                Ok(name)
            }
            _ => Err(UsernameError::TooLong),
        }
    }
}

fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Zero-width, or turning the direction of what follows (Unicode Standard, section 5.21).
fn is_invisible(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Username(***)")
    }
}

/// A text in Unicode's normal form KC, in which equal texts have equal bytes: what NIST SP
/// 800-63B-4 (3.1.1.2) wants done to passwords before they are hashed.
#[must_use]
pub fn composed(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    ComposingNormalizerBorrowed::new_nfkc().normalize(text).into_owned()
}

/// What the record of a user says.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The name, as its owner writes it.
    pub username: String,
    /// The password's hash, a PHC string.
    pub password: String,
    /// Where codes are texted.
    pub phone: Phone,
    /// The language, such as `de`.
    pub locale: String,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("User(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(text: &str) -> String {
        text.parse::<Username>().unwrap().canonical()
    }

    #[test]
    fn spellings_of_a_name_are_one_user() {
        assert_eq!(canonical(" Ada "), "ada");
        assert_eq!(canonical("Ünal"), canonical("u\u{308}NAL"));
        assert_eq!(canonical("Ａｄａ"), "ada");
        assert_ne!(canonical("ada"), canonical("bob"));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let error = |text: &str| text.parse::<Username>().unwrap_err();
        assert_eq!(error("  "), UsernameError::Empty);
        assert_eq!(error("a\nb"), UsernameError::Control);
        assert_eq!(error("a\u{2028}b"), UsernameError::Control);
        for invisible in ["\u{200b}", "ada\u{ad}", "a\u{2060}da", "\u{202e}ada", "ada\u{e0041}"] {
            assert_eq!(error(invisible), UsernameError::Invisible, "{invisible:?}");
        }
        assert_eq!(error(&"ü".repeat(65)), UsernameError::TooLong);
        assert!("ü".repeat(64).parse::<Username>().is_ok());
        assert_eq!(error(&"\u{fdfa}".repeat(64)), UsernameError::TooLong, "each is 18 letters");
    }

    #[test]
    fn one_password_has_one_spelling() {
        assert_eq!(composed("pa\u{308}ss"), composed("päss"));
        assert_eq!(composed("Pass word"), "Pass word", "neither case nor spaces are touched");
    }

    proptest! {
        #[test]
        fn the_canonical_spelling_is_its_own(text in "\\PC{1,20}") {
            let Ok(name) = text.parse::<Username>() else { return Ok(()) };
            let once = name.canonical();
            prop_assert_eq!(composed(&composed(&once).to_lowercase()), once);
        }
    }
}
