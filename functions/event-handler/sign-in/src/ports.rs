//! What the functions need of a database. Each change is one conditional write, and the conditions
//! are part of the contract: [`crate::contract`] checks them against every implementation.

use std::error::Error;
use std::time::SystemTime;

use crate::challenge::{Challenge, ChallengeId, Delivery, Reason, RegisteredCode};
use crate::code::CodeMac;
use crate::limits::{Conversion, Quota, Tally, TextQuota};
use crate::session::{Session, TokenDigest};
use crate::user::{User, Username};

/// What `login` does with challenges, quotas and sessions.
pub trait SignIns: Send + Sync {
    /// What the store fails with.
    type Error: Error + Send + Sync + 'static;

    /// Reads a user and what two quotas say. One call.
    fn look_up(
        &self,
        user: &Username,
        quotas: &[Quota; 2],
    ) -> impl Future<Output = Result<(Option<User>, [Tally; 2]), Self::Error>> + Send;

    /// Counts a wrong password on both quotas; tells whether both allowed another try
    /// ([`Quota::may_try`]). If one did not, nothing is counted.
    fn count_failure(
        &self,
        quotas: &[Quota; 2],
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Counts a code on both quotas and stores a new challenge, in one transaction; tells whether
    /// both had room. If one had none, nothing is stored.
    fn begin(
        &self,
        challenge: &Challenge,
        quotas: &[Quota; 2],
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Reads a challenge that is not over.
    fn find(
        &self,
        id: ChallengeId,
        now: SystemTime,
    ) -> impl Future<Output = Result<Option<Challenge>, Self::Error>> + Send;

    /// Counts a code on both quotas and replaces a challenge by its renewal, in one transaction,
    /// if `found` is still what is stored: its number is the same and nobody has finished it.
    fn renew(
        &self,
        found: &Challenge,
        renewed: &Challenge,
        quotas: &[Quota; 2],
    ) -> impl Future<Output = Result<Renewal, Self::Error>> + Send;

    /// Takes an attempt of a challenge, if [`Challenge::takes_guesses`], before anything is
    /// compared. Gives the challenge with the attempt counted.
    fn take_attempt(
        &self,
        id: ChallengeId,
        max_attempts: u32,
        now: SystemTime,
    ) -> impl Future<Output = Result<Attempt, Self::Error>> + Send;

    /// Deletes a challenge whose current code is still the one that was guessed, stores the
    /// session and counts the conversion, in one transaction. Tells whether it did: a code is good
    /// for one session.
    fn complete(
        &self,
        challenge: ChallengeId,
        guessed: &CodeMac,
        session: &Session,
        conversion: &Conversion,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Reads a session that is not over.
    fn session(
        &self,
        digest: &TokenDigest,
        now: SystemTime,
    ) -> impl Future<Output = Result<Option<Session>, Self::Error>> + Send;

    /// Deletes a session, if there is one.
    fn end_session(
        &self,
        digest: &TokenDigest,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// It is taken, and counted in the challenge.
    Taken(Challenge),
    /// It is not; this is the challenge that allows none, if there is one that is not over.
    Refused(Option<Challenge>),
}

/// What became of a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// The next code can be made.
    Done,
    /// A quota has no room.
    Full,
    /// The challenge is not what it was any more.
    Lost,
}

/// What `two-factor` does with challenges.
pub trait Codes: Send + Sync {
    /// What the store fails with.
    type Error: Error + Send + Sync + 'static;

    /// Reads a challenge that is not over.
    fn find(
        &self,
        id: ChallengeId,
        now: SystemTime,
    ) -> impl Future<Output = Result<Option<Challenge>, Self::Error>> + Send;

    /// Registers a code and takes up sending it, if nobody else is at it; in one transaction with
    /// its limits, unless they were counted for this number before.
    fn register(
        &self,
        registration: &Registration,
        now: SystemTime,
    ) -> impl Future<Output = Result<Registered, Self::Error>> + Send;

    /// Writes what became of a code, unless another has taken its place or it was sent. With
    /// `mac`, only of that very code, which is forgotten if it surely reached nobody: back to
    /// [`Delivery::Requested`], or [`Delivery::Failed`].
    fn settle(
        &self,
        id: ChallengeId,
        number: u32,
        mac: Option<&CodeMac>,
        delivery: Delivery,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;
}

/// A code to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Of which challenge.
    pub id: ChallengeId,
    /// Which of its codes.
    pub number: u32,
    /// The code, which takes the place of the one there may be.
    pub code: RegisteredCode,
    /// When whoever registers it is taken to be gone.
    pub lease_ends: SystemTime,
    /// What it counts on.
    pub quota: TextQuota,
    /// Whether this number was counted before: somebody took it up and is gone.
    pub is_counted: bool,
}

/// What became of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// The code can be sent.
    Done,
    /// A limit forbids it.
    Full(Reason),
    /// It is not wanted any more, or somebody else is at it.
    Lost,
}
