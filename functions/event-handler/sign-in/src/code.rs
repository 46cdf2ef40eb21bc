//! Codes: how they are drawn, written, kept and compared.
//!
//! A code is kept as an HMAC over challenge, user and code. Six digits alone would be found from
//! any hash in no time; with a key that is not in the database, the database tells nothing.

use std::fmt;
use std::str::FromStr;

use common::redact::Secret;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::challenge::ChallengeId;
use crate::hex::{hex, is_hex};

/// How many codes there are.
const CODES: u32 = 1_000_000;
/// The largest multiple of [`CODES`] that 32 bits hold: numbers from here on are drawn again, or
/// the low codes would be a little more likely.
const FAIR: u32 = u32::MAX - u32::MAX % CODES;
/// Bytes a key must have at least: as many as the digest (RFC 2104, section 3).
const KEY_LENGTH: usize = 32;

/// Six digits, `000000` to `999999`. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(u32);

/// What was entered is not a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has six digits")]
pub struct CodeError;

impl Code {
    /// Draws a code, each equally likely, from uniform 32-bit numbers.
    ///
    /// # Errors
    /// Those of the source of numbers.
    pub fn draw<E>(mut next: impl FnMut() -> Result<u32, E>) -> Result<Self, E> {
        loop {
            let number = next()?;
            if number < FAIR {
                return Ok(Self(number % CODES));
            }
        }
    }

    /// A code from the operating system's randomness, fresh for each call.
    ///
    /// # Errors
    /// When the operating system has none to give.
    pub fn random() -> Result<Self, getrandom::Error> {
        Self::draw(|| {
            let mut bytes = [0; 4];
            getrandom::fill(&mut bytes).map(|()| u32::from_ne_bytes(bytes))
        })
    }

    /// The digits, for the text message and for nothing else.
    #[must_use]
    pub fn digits(&self) -> String {
        format!("{:06}", self.0)
    }
}

/// Reads what a person entered: spaces and hyphens between digits do not matter, and neither does
/// the script of the digits' keyboard as long as it is the full-width one.
impl FromStr for Code {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut number = 0;
        let mut count = 0;
        for character in text.trim().chars() {
            let digit = match character {
                ' ' | '\u{a0}' | '-' => continue,
                '\u{ff10}'..='\u{ff19}' => u32::from(character) - 0xff10,
                other => other.to_digit(10).ok_or(CodeError)?,
            };
            count += 1;
            if count > 6 {
                return Err(CodeError);
            }
            number = number * 10 + digit;
        }
        if count == 6 { Ok(Self(number)) } else { Err(CodeError) }
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(***)")
    }
}

/// What is kept of a code: 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeMac(String);

impl CodeMac {
    /// The digits, to be stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CodeMac {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_hex(text, 32) { Ok(Self(text.to_owned())) } else { Err(CodeError) }
    }
}

/// The key that codes and the names of counters are made with.
#[derive(Debug, Clone)]
pub struct Key(Secret<Vec<u8>>);

/// The key is too short to be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sign-in key has fewer than {KEY_LENGTH} bytes")]
pub struct KeyError;

impl Key {
    /// Takes the bytes of a secret as the key.
    ///
    /// # Errors
    /// When there are fewer than 32.
    pub fn new(secret: &Secret<String>) -> Result<Self, KeyError> {
        let bytes = secret.expose().as_bytes();
        if bytes.len() < KEY_LENGTH {
            return Err(KeyError);
        }
        Ok(Self(Secret::new(bytes.to_vec())))
    }

    /// What is kept of a code.
    #[must_use]
    pub fn mac(&self, challenge: ChallengeId, username: &str, code: &Code) -> CodeMac {
        let mac = self.of_code(challenge, username, code);
        CodeMac(hex(&mac.finalize().into_bytes()))
    }

    /// Whether a code is the one that is kept, compared in constant time.
    #[must_use]
    pub fn matches(
        &self,
        kept: &CodeMac,
        challenge: ChallengeId,
        username: &str,
        code: &Code,
    ) -> bool {
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(kept.0.as_bytes().chunks_exact(2)) {
            let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default();
            *byte = u8::try_from(value(pair[0]) * 16 + value(pair[1])).unwrap_or_default();
        }
        self.of_code(challenge, username, code).verify_slice(&bytes).is_ok()
    }

    /// A name for somebody's counter that does not tell who it is: 32 hexadecimal digits.
    #[must_use]
    pub fn pseudonym(&self, kind: &str, subject: &str) -> String {
        let mac = self.over(&[b"counter", kind.as_bytes(), subject.as_bytes()]);
        hex(&mac.finalize().into_bytes()[..16])
    }

    fn of_code(&self, challenge: ChallengeId, username: &str, code: &Code) -> Hmac<Sha256> {
        let challenge = challenge.to_string();
        let digits = code.digits();
        self.over(&[b"code", challenge.as_bytes(), username.as_bytes(), digits.as_bytes()])
    }

    /// The parts' lengths count, so that no part can run into the next.
    fn over(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose()).expect("any key");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible;

    fn key() -> Key {
        Key::new(&Secret::new("k".repeat(32))).unwrap()
    }

    fn drawn(numbers: &[u32]) -> String {
        let mut numbers = numbers.iter().copied();
        Code::draw(|| Ok::<_, Infallible>(numbers.next().unwrap())).unwrap().digits()
    }

    #[test]
    fn codes_have_six_digits_with_leading_zeros() {
        assert_eq!(drawn(&[0]), "000000");
        assert_eq!(drawn(&[42]), "000042");
        assert_eq!(drawn(&[999_999]), "999999");
        assert_eq!(drawn(&[1_000_000]), "000000");
    }

    #[test]
    fn every_code_is_equally_likely() {
        // As many numbers lead to the first code as to the last.
        assert_eq!(FAIR % CODES, 0);
        assert_eq!(drawn(&[FAIR - 1]), "999999");
        assert_eq!(drawn(&[FAIR, u32::MAX, 7]), "000007", "unfair numbers are drawn again");
    }

    #[test]
    fn codes_differ_from_draw_to_draw() {
        let mut codes: Vec<_> = (0..100).map(|_| Code::random().unwrap().digits()).collect();
        codes.sort();
        codes.dedup();
        assert!(codes.len() > 90, "{} different codes of 100", codes.len());
    }

    #[test]
    fn what_people_enter_is_read() {
        for text in ["123456", " 123456\n", "123 456", "123-456", "12\u{a0}34 56", "１２３４５６"]
        {
            assert_eq!(text.parse::<Code>().map(|code| code.digits()), Ok("123456".to_owned()));
        }
        for text in ["", "12345", "1234567", "12345a", "+12345", "１２３", "123456 7", "1e5000"]
        {
            assert_eq!(text.parse::<Code>(), Err(CodeError), "{text}");
        }
    }

    #[test]
    fn a_code_is_of_one_challenge_and_one_user() {
        let (key, code) = (key(), "123456".parse().unwrap());
        let [one, two] = [1, 2].map(ChallengeId::from_bits);
        let mac = key.mac(one, "ada", &code);
        assert!(key.matches(&mac, one, "ada", &code));
        assert!(!key.matches(&mac, two, "ada", &code));
        assert!(!key.matches(&mac, one, "bob", &code));
        assert!(!key.matches(&mac, one, "ada", &"123457".parse().unwrap()));
        let other = Key::new(&Secret::new("l".repeat(32))).unwrap();
        assert!(!other.matches(&mac, one, "ada", &code));
    }

    #[test]
    fn neither_codes_nor_keys_are_shown() {
        let code: Code = "123456".parse().unwrap();
        assert_eq!(format!("{code:?}"), "Code(***)");
        assert!(!format!("{:?}", key()).contains("kkk"));
        assert!(!key().mac(ChallengeId::from_bits(1), "ada", &code).as_str().contains("123456"));
    }

    #[test]
    fn a_short_key_is_refused() {
        assert_eq!(Key::new(&Secret::new("k".repeat(31))).unwrap_err(), KeyError);
    }

    #[test]
    fn pseudonyms_differ_by_kind_and_subject() {
        let key = key();
        assert_eq!(key.pseudonym("user", "ada"), key.pseudonym("user", "ada"));
        assert_ne!(key.pseudonym("user", "ada"), key.pseudonym("phone", "ada"));
        assert_ne!(key.pseudonym("user", "ada"), key.pseudonym("user", "bob"));
    }

    proptest! {
        #[test]
        fn a_kept_code_matches_itself_only(a in 0..CODES, b in 0..CODES) {
            let key = key();
            let challenge = ChallengeId::from_bits(7);
            let kept: CodeMac = key.mac(challenge, "ada", &Code(a)).as_str().parse().unwrap();
            prop_assert_eq!(key.matches(&kept, challenge, "ada", &Code(b)), a == b);
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in ".{0,20}") {
            let _ = text.parse::<Code>();
        }
    }
}
