//! Sessions: who has signed in, and the token that proves it.

use std::fmt;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use crate::hex::{hex, is_hex};

/// Bytes of a token: more than anybody guesses (OWASP asks for 64 bits of entropy).
const LENGTH: usize = 32;

/// What the client keeps: 64 hexadecimal digits. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A new token from the operating system's randomness.
    ///
    /// # Errors
    /// When the operating system has none to give.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes)?;
        Ok(Self(hex(&bytes)))
    }

    /// Reads what a client sent; nothing if it is no token.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        is_hex(text, LENGTH).then(|| Self(text.to_owned()))
    }

    /// The digits, for the client and for nobody else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored in its place: whoever reads the database cannot sign in with it.
    #[must_use]
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(hex(&Sha256::digest(self.0.as_bytes())))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// Names a session in the database. A digest of 256 random bits needs neither salt nor work.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokenDigest(String);

impl TokenDigest {
    /// 64 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub digest: TokenDigest,
    /// Who has signed in.
    pub username: String,
    /// When it is over, to the second.
    pub expires: SystemTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_is_written_and_not_shown() {
        let token = Token::random().unwrap();
        assert_eq!(Token::parse(token.expose()), Some(token.clone()));
        assert_eq!(format!("{token:?}"), "Token(***)");
        assert_ne!(token, Token::random().unwrap());
    }

    #[test]
    fn what_is_stored_is_not_the_token() {
        let token = Token::random().unwrap();
        assert_ne!(token.digest().as_str(), token.expose());
        assert_eq!(token.digest(), Token::parse(token.expose()).unwrap().digest());
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", "0", &"0".repeat(63), &"G".repeat(64), &"0".repeat(65)] {
            assert_eq!(Token::parse(text), None);
        }
    }
}
