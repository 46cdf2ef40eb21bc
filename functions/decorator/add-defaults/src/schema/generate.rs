//! Defaults that are made anew for every request.
//!
//! A [`Generator`] gets its randomness and its time from the caller, so filling itself stays a pure
//! function: the same generator state and the same request give the same result.

use super::stamp::{rfc3339, uuid};
use super::words::{ADJECTIVES, NOUNS};
use serde_json::Value;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use thiserror::Error;

/// What `x-generate` can ask for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Name,
    Uuid,
    Now,
    Sequence,
    Pick(Box<[Value]>),
}

impl Kind {
    /// Reads the value of `x-generate`, except `pick`, which comes with its values.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "name" => Some(Self::Name),
            "uuid" => Some(Self::Uuid),
            "now" => Some(Self::Now),
            "sequence" => Some(Self::Sequence),
            _ => None,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Uuid => "uuid",
            Self::Now => "now",
            Self::Sequence => "sequence",
            Self::Pick(_) => "pick",
        }
    }

    /// Values that show whether the generator suits its schema: the shortest and the longest name,
    /// every value that can be picked.
    pub(super) fn samples(&self) -> Vec<Value> {
        let text = |text: &str| Value::String(text.to_owned());
        match self {
            Self::Name => vec![text("bold-elm-0000"), text("clever-lantern-9999")],
            Self::Uuid => vec![text("5bd0c1a5-6f3e-4d2b-8c79-0123456789ab")],
            Self::Now => vec![text("2001-02-03T04:05:06.789Z")],
            Self::Sequence => vec![Value::from(1), Value::from(1_000_000)],
            Self::Pick(values) => values.to_vec(),
        }
    }
}

/// The system has no randomness to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("no randomness available")]
pub struct NoEntropy;

/// The counter behind `x-generate: sequence`: 1, 2, 3… within one execution environment.
///
/// Every environment counts for itself and starts at 1, so two of them give the same numbers. Use
/// it to tell the requests of one environment apart, never as an identifier.
#[derive(Debug, Default)]
pub struct Sequence(AtomicU64);

impl Sequence {
    /// A counter that has given no number yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// Makes the values that `x-generate` asks for.
pub struct Generator<'r> {
    random: Random<'r>,
    sequence: Count<'r>,
    now: SystemTime,
    ran_dry: bool,
}

enum Random<'r> {
    Seeded(u64),
    Given(&'r mut dyn FnMut(&mut [u8]) -> Result<(), NoEntropy>),
}

enum Count<'r> {
    Own(Sequence),
    Shared(&'r Sequence),
}

impl<'r> Generator<'r> {
    /// A generator that draws bytes from `random`, which should be the operating system's source.
    ///
    /// Nothing is drawn until a value is made. If `random` fails, the value stays missing, and
    /// [`ran_dry`](Self::ran_dry) says so.
    pub fn new(
        random: &'r mut dyn FnMut(&mut [u8]) -> Result<(), NoEntropy>,
        now: SystemTime,
        sequence: &'r Sequence,
    ) -> Self {
        Self {
            random: Random::Given(random),
            sequence: Count::Shared(sequence),
            now,
            ran_dry: false,
        }
    }

    /// A generator that makes the same values for the same seed and time. For tests and dry runs:
    /// its identifiers can be guessed.
    #[must_use]
    pub fn seeded(seed: u64, now: SystemTime) -> Self {
        Self {
            random: Random::Seeded(seed),
            sequence: Count::Own(Sequence::new()),
            now,
            ran_dry: false,
        }
    }

    /// A generator for trying out a schema.
    pub(super) fn sample() -> Self {
        Self::seeded(0, UNIX_EPOCH)
    }

    /// Whether a value could not be made because the source of randomness failed.
    #[must_use]
    pub fn ran_dry(&self) -> bool {
        self.ran_dry
    }

    /// Makes a value.
    pub(super) fn make(&mut self, kind: &Kind) -> Option<Value> {
        Some(match kind {
            Kind::Name => {
                let [a, b, c, d] = self.bytes()?;
                let number = u16::from_be_bytes([c, d]) % 10_000;
                let (adjective, noun) =
                    (ADJECTIVES[usize::from(a & 63)], NOUNS[usize::from(b & 63)]);
                Value::String(format!("{adjective}-{noun}-{number:04}"))
            }
            Kind::Uuid => Value::String(uuid(self.bytes()?)),
            Kind::Now => Value::String(rfc3339(self.now)),
            Kind::Sequence => Value::from(match &self.sequence {
                Count::Own(sequence) => sequence.next(),
                Count::Shared(sequence) => sequence.next(),
            }),
            Kind::Pick(values) => {
                // The high half of a product with a random 64-bit number: even to one part in 2^58.
                let random = u128::from(u64::from_be_bytes(self.bytes()?));
                let index = (random * values.len() as u128) >> 64;
                usize::try_from(index).ok().and_then(|index| values.get(index))?.clone()
            }
        })
    }

    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        match &mut self.random {
            Random::Given(random) => {
                if random(&mut bytes).is_err() {
                    self.ran_dry = true;
                    return None;
                }
            }
            Random::Seeded(state) => {
                for chunk in bytes.chunks_mut(8) {
                    chunk.copy_from_slice(&split_mix(state).to_be_bytes()[..chunk.len()]);
                }
            }
        }
        Some(bytes)
    }
}

impl fmt::Debug for Generator<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The state would tell the next identifiers.
        formatter.debug_struct("Generator").field("now", &self.now).finish_non_exhaustive()
    }
}

/// One step of the `SplitMix64` sequence. Only for seeded generators.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(seconds * 1000 + 7)
    }

    #[test]
    fn the_same_seed_makes_the_same_values() {
        for kind in [Kind::Name, Kind::Uuid, Kind::Now, Kind::Sequence] {
            let make = |seed| Generator::seeded(seed, at(5)).make(&kind);
            assert_eq!(make(1), make(1));
            assert_eq!(make(1) == make(2), matches!(kind, Kind::Now | Kind::Sequence));
        }
    }

    #[test]
    fn a_uuid_keeps_every_given_bit_but_six() {
        let mut ones = |bytes: &mut [u8]| {
            bytes.fill(0xff);
            Ok(())
        };
        let sequence = Sequence::new();
        let made = Generator::new(&mut ones, at(0), &sequence).make(&Kind::Uuid);
        assert_eq!(made, Some(Value::from("ffffffff-ffff-4fff-bfff-ffffffffffff")));
        let mut zeros = |bytes: &mut [u8]| {
            bytes.fill(0);
            Ok(())
        };
        let made = Generator::new(&mut zeros, at(0), &sequence).make(&Kind::Uuid);
        assert_eq!(made, Some(Value::from("00000000-0000-4000-8000-000000000000")));
    }

    #[test]
    fn without_randomness_a_value_stays_missing() {
        let mut none = |_: &mut [u8]| Err(NoEntropy);
        let sequence = Sequence::new();
        let mut generator = Generator::new(&mut none, at(0), &sequence);
        assert_eq!(generator.make(&Kind::Sequence), Some(Value::from(1)));
        assert!(!generator.ran_dry());
        assert_eq!(generator.make(&Kind::Uuid), None);
        assert!(generator.ran_dry());
    }

    #[test]
    fn a_shared_sequence_goes_on_where_it_stopped() {
        let sequence = Sequence::new();
        for expected in 1_u64..4 {
            let mut random = |_: &mut [u8]| Err(NoEntropy);
            let made = Generator::new(&mut random, at(0), &sequence).make(&Kind::Sequence);
            assert_eq!(made, Some(Value::from(expected)));
        }
    }

    #[test]
    fn every_value_is_picked_sooner_or_later() {
        let kind = Kind::Pick((0..5).map(Value::from).collect());
        let mut generator = Generator::seeded(3, at(0));
        let picked: Vec<Value> = (0..200).filter_map(|_| generator.make(&kind)).collect();
        for value in 0..5 {
            assert!(picked.contains(&Value::from(value)));
        }
    }

    #[test]
    fn samples_are_as_long_as_names_get() {
        let lengths = |words: &[&str; 64]| words.iter().map(|word| word.len()).collect::<Vec<_>>();
        let (adjectives, nouns) = (lengths(&ADJECTIVES), lengths(&NOUNS));
        let sample = |at: usize| Kind::Name.samples()[at].as_str().map(str::len);
        assert_eq!(
            sample(0),
            adjectives.iter().min().zip(nouns.iter().min()).map(|(a, b)| a + b + 6)
        );
        assert_eq!(
            sample(1),
            adjectives.iter().max().zip(nouns.iter().max()).map(|(a, b)| a + b + 6)
        );
    }
}
