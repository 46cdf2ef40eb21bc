//! Which passwords can be chosen.
//!
//! NIST SP 800-63B-4 (3.1.1.2): eight characters, because a second factor is asked for, too; any
//! character; no rules of composition; and none that is on a list of what is guessed first or that
//! follows from the account. Only whole passwords are compared, not parts of them.

use common::redact::Secret;
use sign_in::user::{MAX_PASSWORD, composed};

/// Shortest password, in characters.
pub const MIN_PASSWORD: usize = 8;

/// Passwords of at least [`MIN_PASSWORD`] characters that are tried before all others, in lower
/// case: a start, not a corpus.
const COMMON: &str = include_str!("common-passwords.txt");

/// A password that can be chosen, in the spelling in which it is hashed. Not shown by `Debug`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Password(Secret<String>);

/// Why a password cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Under [`MIN_PASSWORD`].
    #[error("must have at least {MIN_PASSWORD} characters")]
    TooShort,
    /// Over [`MAX_PASSWORD`], which nobody could sign in with.
    #[error("must have at most {MAX_PASSWORD} characters")]
    TooLong,
    /// One of those that are tried first.
    #[error("is one of the passwords that are guessed first")]
    Common,
    /// The name or the address of the account.
    #[error("must not be the user name or the address")]
    Expected,
}

impl Password {
    /// Takes a password, unless it is known or follows from one of the names of the account.
    ///
    /// # Errors
    /// Why it cannot be chosen.
    pub fn choose<'a>(
        text: &str,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, PasswordError> {
        let password = composed(text);
        if text.chars().count() > MAX_PASSWORD {
            return Err(PasswordError::TooLong);
        }
        if password.chars().count() < MIN_PASSWORD {
            return Err(PasswordError::TooShort);
        }
        let folded = fold(&password);
        if COMMON.lines().any(|common| common == folded) {
            return Err(PasswordError::Common);
        }
        if names.into_iter().any(|name| fold(name) == folded) {
            return Err(PasswordError::Expected);
        }
        Ok(Self(Secret::new(password)))
    }

    /// The password, to hash it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Neither case nor the spaces around it make another password to those who guess.
fn fold(text: &str) -> String {
    composed(&composed(text).to_lowercase()).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(text: &str) -> Result<Password, PasswordError> {
        Password::choose(text, ["Ada Lovelace", "ada.l@example.com", "ada.l"])
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(choose("1ülötä€").unwrap_err(), PasswordError::TooShort);
        assert!(choose("1ülötä€!").is_ok());
        assert!(choose(&"ö".repeat(256)).is_ok());
        assert_eq!(choose(&"ö".repeat(257)).unwrap_err(), PasswordError::TooLong);
        let composed_of_seven = "u\u{308}".repeat(7);
        assert_eq!(choose(&composed_of_seven).unwrap_err(), PasswordError::TooShort);
    }

    #[test]
    fn any_characters_will_do() {
        for text in
            ["correct horse battery staple", "        x", "パスワードは秘密", "a\u{7}bcdefgh"]
        {
            assert!(choose(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_is_guessed_first_is_refused_in_any_case() {
        for text in ["password", "PASSWORD123", "qwertyuiop", " 12345678 ", "ｐａｓｓｗｏｒｄ"]
        {
            assert_eq!(choose(text).unwrap_err(), PasswordError::Common, "{text}");
        }
        assert!(choose("my password is long").is_ok(), "parts are not compared");
    }

    #[test]
    fn what_follows_from_the_account_is_refused() {
        for text in ["ada lovelace", "ADA.L@example.com", " Ada Lovelace"] {
            assert_eq!(choose(text).unwrap_err(), PasswordError::Expected, "{text}");
        }
    }

    #[test]
    fn one_password_has_one_spelling() {
        let chosen = |text: &str| choose(text).unwrap();
        assert_eq!(chosen("Scho\u{308}nes Wort"), chosen("Schönes Wort"));
        assert_ne!(chosen("schönes Wort"), chosen("Schönes Wort"));
        assert!(!format!("{:?}", chosen("Schönes Wort")).contains("Wort"));
    }

    #[test]
    fn the_list_is_sorted_and_says_nothing_that_another_rule_says() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.is_sorted() && lines.windows(2).all(|two| two[0] != two[1]));
        for line in lines {
            assert!(fold(line) == line && line.chars().count() >= MIN_PASSWORD, "{line}");
        }
    }
}
