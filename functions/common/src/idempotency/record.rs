//! What is remembered of a key, and the pure decision that follows from it.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Key;

/// Names a record: a digest of the scope and the key, so that no client's key is stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RecordId(String);

impl RecordId {
    /// The record of a key within a scope, such as a route and the caller's identity.
    ///
    /// Two callers who may not see each other's answers must not share a scope.
    #[must_use]
    pub fn new(scope: &str, key: &Key) -> Self {
        Self(digest(&[scope.as_bytes(), key.as_str().as_bytes()]))
    }

    /// The digest in hexadecimal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(feature = "dynamodb")]
    pub(super) const fn stored(text: String) -> Self {
        Self(text)
    }
}

/// A digest of everything that makes two requests the same request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The digest of the parts; their lengths count, so `["ab", "c"]` is not `["a", "bc"]`.
    #[must_use]
    pub fn of(parts: &[&[u8]]) -> Self {
        Self(digest(parts))
    }

    /// The digest in hexadecimal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[cfg(feature = "dynamodb")]
    pub(super) const fn stored(text: String) -> Self {
        Self(text)
    }
}

fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        text.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or_default());
        text.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or_default());
    }
    text
}

/// 128 random bits that name one intention across all attempts to carry it out.
///
/// Give the thing the effect makes this id, and write it conditionally: then an attempt that takes
/// over from one that died finds what was already done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EffectId(u128);

impl EffectId {
    /// A new id, unguessable because it comes from the operating system's randomness.
    ///
    /// # Errors
    /// When the operating system has none to give.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)?;
        Ok(Self(u128::from_be_bytes(bytes)))
    }

    /// An id made of given bits.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }

    /// Its bits.
    #[must_use]
    pub const fn to_bits(self) -> u128 {
        self.0
    }
}

/// 32 lower-case hexadecimal digits.
impl fmt::Display for EffectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl From<EffectId> for String {
    fn from(id: EffectId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for EffectId {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        u128::from_str_radix(&text, 16).map(Self)
    }
}

/// What is remembered of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which key.
    pub id: RecordId,
    /// Which request.
    pub fingerprint: Fingerprint,
    /// Which intention: the token of the first attempt.
    pub effect: EffectId,
    /// Which attempt holds it: its token.
    pub owner: EffectId,
    /// How far it got.
    pub state: State,
    /// When it is forgotten. Databases delete late, so readers compare.
    pub expires: SystemTime,
}

/// How far an attempt got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// At work, until the lease ends.
    InProgress {
        /// When another attempt may take over.
        lease_ends: SystemTime,
    },
    /// Done, with the result as JSON.
    Completed {
        /// What the effect returned.
        result: String,
    },
}

/// Why an attempt may not run and has no result to return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The key was used for another request.
    #[error("the key was used for another request")]
    Mismatch,
    /// Another attempt is at work.
    #[error("another attempt is at work")]
    InProgress {
        /// How long its lease still lasts.
        retry_after: Duration,
    },
}

/// What an attempt does about a record that is in its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The record is the attempt's own: its first write arrived although the answer was lost.
    Proceed,
    /// The attempt before it is gone: go on in its place, with its [`Record::effect`].
    TakeOver,
    /// Return the recorded result.
    Replay(String),
    /// Do nothing.
    Refuse(Refused),
}

/// Decides what an attempt does about the record that is in its way.
///
/// The fingerprint is compared first: neither a result nor the fact that it is in progress is for
/// another request.
#[must_use]
pub fn decide(
    found: &Record,
    fingerprint: &Fingerprint,
    token: EffectId,
    now: SystemTime,
) -> Decision {
    if found.fingerprint != *fingerprint {
        return Decision::Refuse(Refused::Mismatch);
    }
    match &found.state {
        State::Completed { result } => Decision::Replay(result.clone()),
        State::InProgress { .. } if found.owner == token => Decision::Proceed,
        State::InProgress { lease_ends } => match lease_ends.duration_since(now) {
            Ok(left) if !left.is_zero() => {
                Decision::Refuse(Refused::InProgress { retry_after: left })
            }
            _ => Decision::TakeOver,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_epoch_seconds as at;

    fn record(state: State) -> Record {
        Record {
            id: RecordId("r".into()),
            fingerprint: Fingerprint::of(&[b"body"]),
            effect: EffectId(1),
            owner: EffectId(1),
            state,
            expires: at(10_000),
        }
    }

    fn decide_at(found: &Record, token: u128, now: u64) -> Decision {
        decide(found, &Fingerprint::of(&[b"body"]), EffectId(token), at(now))
    }

    #[test]
    fn a_completed_record_is_replayed() {
        let found = record(State::Completed { result: "{}".into() });
        assert_eq!(decide_at(&found, 2, 5), Decision::Replay("{}".into()));
    }

    #[test]
    fn a_leased_record_refuses_and_says_for_how_long() {
        let found = record(State::InProgress { lease_ends: at(100) });
        let refused = Refused::InProgress { retry_after: Duration::from_secs(60) };
        assert_eq!(decide_at(&found, 2, 40), Decision::Refuse(refused));
    }

    #[test]
    fn a_lease_that_ended_is_taken_over() {
        let found = record(State::InProgress { lease_ends: at(100) });
        assert_eq!(decide_at(&found, 2, 100), Decision::TakeOver);
    }

    #[test]
    fn an_attempt_recognises_its_own_claim() {
        let found = record(State::InProgress { lease_ends: at(100) });
        assert_eq!(decide_at(&found, 1, 40), Decision::Proceed);
    }

    #[test]
    fn another_request_is_refused_in_every_state() {
        for state in [
            State::Completed { result: "{}".into() },
            State::InProgress { lease_ends: at(100) },
            State::InProgress { lease_ends: at(1) },
        ] {
            let other = Fingerprint::of(&[b"other"]);
            let decision = decide(&record(state), &other, EffectId(2), at(40));
            assert_eq!(decision, Decision::Refuse(Refused::Mismatch));
        }
    }

    #[test]
    fn parts_of_a_fingerprint_do_not_run_together() {
        assert_ne!(Fingerprint::of(&[b"ab", b"c"]), Fingerprint::of(&[b"a", b"bc"]));
        assert_eq!(Fingerprint::of(&[b"ab"]).as_str().len(), 64);
    }
}
