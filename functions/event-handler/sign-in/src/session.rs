//! Sessions: who has signed in, and the token that proves it.

use std::fmt;
use std::time::SystemTime;

use http::HeaderMap;
use http::header::{AUTHORIZATION, COOKIE};
use sha2::{Digest as _, Sha256};

use crate::hex::{hex, is_hex};

/// Bytes of a token: more than anybody guesses (OWASP asks for 64 bits of entropy).
const LENGTH: usize = 32;

/// Name of the session cookie over HTTPS. Browsers take a cookie with this prefix from nobody but
/// this host, over HTTPS, for all paths (RFC 6265bis, section 4.1.3.2).
pub const SECURE_COOKIE: &str = "__Host-session";
/// Its name over plain HTTP, where the prefix is refused: on a developer's machine.
pub const PLAIN_COOKIE: &str = "session";

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

    /// The token that a request carries: as a bearer token (RFC 6750), or in the cookie.
    #[must_use]
    pub fn carried_by(headers: &HeaderMap) -> Option<Self> {
        let bearer = headers.get(AUTHORIZATION).and_then(|value| {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
        });
        let name = if is_secure(headers) { SECURE_COOKIE } else { PLAIN_COOKIE };
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let cookie = cookies.flat_map(|value| value.split(';')).find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        });
        bearer.or(cookie).and_then(Self::parse)
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

/// Whether a request came over HTTPS. API Gateway says so, and knows nothing else.
#[must_use]
pub fn is_secure(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_none_or(|protocol| protocol != "http")
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
    fn a_token_is_found_in_cookies_and_bearer_tokens() {
        let token = Token::random().unwrap();
        let digits = token.expose();
        let found = |headers: &[(&'static str, &str)]| {
            let named = headers
                .iter()
                .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()));
            Token::carried_by(&named.collect())
        };
        let cookie = format!("a=b; __Host-session={digits}; c=d");
        assert_eq!(found(&[("cookie", &cookie)]), Some(token.clone()));
        assert_eq!(found(&[("authorization", &format!("bearer {digits}"))]), Some(token.clone()));
        let plain = format!("session={digits}");
        assert_eq!(found(&[("cookie", &plain)]), None, "over HTTPS only the host's own cookie");
        let http = ("x-forwarded-proto", "http");
        assert_eq!(found(&[("cookie", &plain), http]), Some(token));
        assert_eq!(found(&[("cookie", "__Host-session=7")]), None);
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
