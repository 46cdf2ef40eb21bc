//! Challenges: one attempt to sign in, from the right password to the right code.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use common::idempotency::EffectId;

use crate::code::CodeMac;
use crate::hex::is_hex;
use crate::phone::Phone;

/// 128 random bits that name a challenge. Whoever knows them may guess its code, so they are not
/// logged.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChallengeId(u128);

/// A text that names no challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a challenge is named by 32 lower-case hexadecimal digits")]
pub struct ChallengeIdError;

impl ChallengeId {
    /// A new name, unguessable because it comes from the operating system's randomness.
    ///
    /// # Errors
    /// When the operating system has none to give.
    pub fn random() -> Result<Self, getrandom::Error> {
        EffectId::random().map(|id| Self(id.to_bits()))
    }

    /// A name made of given bits.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }
}

impl fmt::Display for ChallengeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for ChallengeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChallengeId(***)")
    }
}

impl FromStr for ChallengeId {
    type Err = ChallengeIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if !is_hex(text, 16) {
            return Err(ChallengeIdError);
        }
        u128::from_str_radix(text, 16).map(Self).map_err(|_| ChallengeIdError)
    }
}

/// A challenge as it is stored. Times are kept to the second, leases to the millisecond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Its name.
    pub id: ChallengeId,
    /// Who signs in.
    pub username: String,
    /// Where codes are texted, from the user's record.
    pub phone: Phone,
    /// The user's language, such as `de`.
    pub locale: String,
    /// When it is over, whether or not it was deleted.
    pub expires: SystemTime,
    /// Which of its codes is the current one, counted from 1. Whatever is about an earlier one is
    /// out of date.
    pub number: u32,
    /// The last of its codes that was counted on the limits of texts; 0 if none was.
    pub counted: u32,
    /// When the next code may be asked for.
    pub resend_at: SystemTime,
    /// Guesses that were taken, over all its codes.
    pub attempts: u32,
    /// What became of the current code.
    pub delivery: Delivery,
    /// The current code, once it is made.
    pub code: Option<RegisteredCode>,
}

/// A code that can be guessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredCode {
    /// What is kept of it.
    pub mac: CodeMac,
    /// When it is over.
    pub expires: SystemTime,
}

/// What became of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It is asked for.
    Requested,
    /// It is made and registered, and at most being sent.
    Sending {
        /// When whoever is at it is taken to be gone.
        lease_ends: SystemTime,
    },
    /// The provider has taken the text.
    Sent,
    /// The provider has not taken it, and will not.
    Failed,
    /// A limit forbids it.
    Refused(Refusal),
}

impl Delivery {
    /// The word for it, in the API and in the database. People see what is being sent as requested.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Sending { .. } => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Refused(_) => "refused",
        }
    }
}

/// Which limit forbids a code, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusal {
    /// The limit.
    pub reason: Reason,
    /// When its window ends; the same as ever for a country that is not served.
    pub until: Option<SystemTime>,
}

/// A limit on texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Too many to this number today.
    Phone,
    /// Too many in all today.
    Day,
    /// Too many to this country today.
    Country,
    /// Too few of this country's codes are entered: somebody pumps texts.
    Conversion,
    /// Numbers of this country get no texts.
    CountryNotServed,
}

impl Reason {
    /// All there are.
    pub const ALL: [Self; 5] =
        [Self::Phone, Self::Day, Self::Country, Self::Conversion, Self::CountryNotServed];

    /// The word for it, in the API and in the database.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone-limit",
            Self::Day => "daily-limit",
            Self::Country => "country-limit",
            Self::Conversion => "conversion",
            Self::CountryNotServed => "country-not-served",
        }
    }
}

impl FromStr for Reason {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|reason| reason.word() == word).ok_or(())
    }
}

impl Challenge {
    /// Whether it is over. Databases delete late, so every reader asks.
    #[must_use]
    pub fn is_over(&self, now: SystemTime) -> bool {
        self.expires <= now
    }

    /// Whether a guess may be taken. A store decides the same within its conditional write.
    #[must_use]
    pub fn takes_guesses(&self, max_attempts: u32, now: SystemTime) -> bool {
        !self.is_over(now)
            && self.attempts < max_attempts
            && self.code.as_ref().is_some_and(|code| code.expires > now)
    }

    /// The challenge with the next code asked for: the one there was is gone.
    #[must_use]
    pub fn renewed(&self, resend_at: SystemTime) -> Self {
        Self {
            number: self.number + 1,
            resend_at,
            delivery: Delivery::Requested,
            code: None,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::clock::from_epoch_seconds as at;

    fn challenge() -> Challenge {
        Challenge {
            id: ChallengeId::from_bits(7),
            username: "ada".into(),
            phone: "+15550100123".parse().unwrap(),
            locale: "en".into(),
            expires: at(600),
            number: 1,
            counted: 1,
            resend_at: at(30),
            attempts: 0,
            delivery: Delivery::Sent,
            code: Some(RegisteredCode { mac: "0".repeat(64).parse().unwrap(), expires: at(300) }),
        }
    }

    #[test]
    fn names_are_read_as_they_are_written_and_not_shown() {
        let id = ChallengeId::random().unwrap();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(format!("{id:?}"), "ChallengeId(***)");
        for text in ["", "7", &"g".repeat(32), &"A".repeat(32), &format!("+{}", "0".repeat(31))] {
            assert_eq!(text.parse::<ChallengeId>(), Err(ChallengeIdError), "{text}");
        }
    }

    #[test]
    fn an_expired_code_takes_no_guess() {
        assert!(challenge().takes_guesses(5, at(299)));
        assert!(!challenge().takes_guesses(5, at(300)));
    }

    #[test]
    fn a_challenge_that_is_over_takes_no_guess() {
        let mut challenge = challenge();
        challenge.code = challenge.code.map(|code| RegisteredCode { expires: at(9_999), ..code });
        assert!(challenge.takes_guesses(5, at(599)));
        assert!(!challenge.takes_guesses(5, at(600)));
    }

    #[test]
    fn used_up_attempts_take_no_guess() {
        let challenge = Challenge { attempts: 5, ..challenge() };
        assert!(!challenge.takes_guesses(5, at(0)));
        assert!(challenge.takes_guesses(6, at(0)));
    }

    #[test]
    fn a_renewed_challenge_has_no_code_and_keeps_its_attempts_and_its_end() {
        let renewed = Challenge { attempts: 3, ..challenge() }.renewed(at(90));
        assert_eq!((renewed.number, renewed.attempts, renewed.code.as_ref()), (2, 3, None));
        assert_eq!((renewed.resend_at, renewed.expires), (at(90), at(600)));
        assert!(!renewed.takes_guesses(5, at(0)));
    }

    #[test]
    fn reasons_are_read_as_they_are_written() {
        for reason in Reason::ALL {
            assert_eq!(reason.word().parse(), Ok(reason));
        }
    }
}
