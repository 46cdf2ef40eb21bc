//! The same request twice has one effect and one answer.
//!
//! A [`Guard`] stands in front of an effect. The first attempt *claims* the key with a
//! conditional write, runs the effect and records its result; later attempts get that result
//! back. What the trap is, and where it is closed:
//!
//! | trap | here |
//! | --- | --- |
//! | the process dies after the effect, before the record | the claim is leased; the next attempt takes it over **with the same [`EffectId`]**, so an effect keyed by it happens once |
//! | two attempts at once | one claims, the other is told [`Refused::InProgress`] |
//! | the key is reused for another request | [`Refused::Mismatch`], also while the first is in progress |
//! | the database deletes expired records late | every read compares the expiry with the clock |
//! | the SDK repeats a claim whose answer was lost | an attempt recognises its own claim |
//! | a failure is recorded as the answer | only results are; see [`Failed`] |
//! | an invalid request occupies the key | validate before [`Guard::run`] |
//!
//! ```
//! # #[cfg(not(feature = "testing"))] fn main() {}
//! # #[cfg(feature = "testing")] #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use common::idempotency::{Attempt, Failed, Fingerprint, Guard, Key, Outcome, RecordId};
//! use common::testing::MemoryStore;
//!
//! let guard = Guard::new(MemoryStore::default(), Duration::from_secs(24 * 3600));
//! let key: Key = "8e03978e-40d5-43dd-bc93-6894a57f9324".parse()?;
//! let attempt = Attempt {
//!     id: RecordId::new("POST /letters", &key),
//!     fingerprint: Fingerprint::of(&[b"Dear Ada"]),
//!     token: common::idempotency::EffectId::random()?,
//!     now: common::clock::now(),
//!     lease: Duration::from_secs(10),
//! };
//! let outcome = guard
//!     .run(attempt, |id| async move { Ok::<_, Failed<&str>>(format!("letter {id}")) })
//!     .await?;
//! assert!(matches!(outcome, Outcome::Done(_)));
//! # Ok(()) }
//! ```

#[cfg(any(test, feature = "testing"))]
pub(crate) mod contract;
#[cfg(feature = "dynamodb")]
mod dynamodb;
mod guard;
mod key;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod memory;
#[cfg(test)]
mod properties;
mod record;

use std::time::SystemTime;

#[cfg(feature = "dynamodb")]
pub use dynamodb::{DynamoStore, DynamoStoreError};
pub use guard::{Attempt, Error, Failed, Guard, Outcome};
pub use key::{Key, KeyError};
pub use record::{Decision, EffectId, Fingerprint, Record, RecordId, Refused, State, decide};

/// Where records are kept.
///
/// Both implementations pass the same contract tests.
pub trait Store: Send + Sync {
    /// What the store fails with.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Writes a record if there is none with its id that is alive at `now`; otherwise gives the
    /// one that is in the way.
    fn insert(
        &self,
        record: &Record,
        now: SystemTime,
    ) -> impl Future<Output = Result<Option<Record>, Self::Error>> + Send;

    /// Writes a record if the one with its id is still owned by `owner`; tells whether it was.
    fn replace(
        &self,
        record: &Record,
        owner: EffectId,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Deletes the record if it is still owned by `owner`; tells whether it was.
    fn remove(
        &self,
        id: &RecordId,
        owner: EffectId,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;
}
