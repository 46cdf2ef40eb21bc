//! Orders the writes around an effect.

use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::causes;

use super::{Decision, EffectId, Fingerprint, Record, RecordId, Refused, State, Store, decide};

/// Expiry is kept in whole seconds.
const EXPIRY_GRAIN: Duration = Duration::from_secs(1);

/// Lets an effect happen once per key.
#[derive(Debug, Clone)]
pub struct Guard<S> {
    store: S,
    retention: Duration,
}

/// One attempt to carry out an intention.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Which key, in which scope.
    pub id: RecordId,
    /// Which request.
    pub fingerprint: Fingerprint,
    /// New for each attempt: [`EffectId::random`].
    pub token: EffectId,
    /// The time.
    pub now: SystemTime,
    /// How long the attempt may take; in Lambda the time the invocation has left.
    pub lease: Duration,
}

/// The result, and whether it is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// The effect happened now.
    Done(T),
    /// The effect happened before; this is what it returned then.
    Replayed(T),
}

/// How an effect fails decides what becomes of its claim.
#[derive(Debug)]
pub enum Failed<E> {
    /// Nothing happened: the key is free again, for any request, unless an attempt before this one
    /// may have done something.
    Clean(E),
    /// It may have happened: the next attempt goes on at once, with the same [`EffectId`].
    Unsure(E),
}

/// Why there is no outcome.
#[derive(Debug, thiserror::Error)]
pub enum Error<S, E> {
    /// The key is taken.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The store did not answer; the effect was not tried.
    #[error("the idempotency store failed")]
    Store(#[source] S),
    /// A recorded result does not read as the type that is expected of it.
    #[error("the recorded result does not fit")]
    Result(#[source] serde_json::Error),
    /// The effect failed.
    #[error("the effect failed")]
    Effect(E),
}

impl<S: Store> Guard<S> {
    /// Guards with records that are kept for `retention` after the effect.
    pub const fn new(store: S, retention: Duration) -> Self {
        Self { store, retention }
    }

    /// Runs the effect, unless it ran before.
    ///
    /// # Errors
    /// See [`Error`]. A store that fails *after* the effect is logged and does not turn success
    /// into failure: a repeat takes over with the same [`EffectId`].
    pub async fn run<T, E, F>(
        &self,
        attempt: Attempt,
        effect: impl FnOnce(EffectId) -> F + Send,
    ) -> Result<Outcome<T>, Error<S::Error, E>>
    where
        T: Serialize + DeserializeOwned + Send,
        E: Send,
        F: Future<Output = Result<T, Failed<E>>> + Send,
    {
        let claim = match self.claim(&attempt).await? {
            Claim::Held(record) => record,
            Claim::Done(result) => {
                let result = serde_json::from_str(&result).map_err(Error::Result)?;
                return Ok(Outcome::Replayed(result));
            }
        };
        let result = match effect(claim.effect).await {
            Ok(result) => result,
            Err(failed) => return Err(Error::Effect(self.give_up(&attempt, claim, failed).await)),
        };
        let text = serde_json::to_string(&result).map_err(Error::Result)?;
        let done = Record {
            state: State::Completed { result: text },
            expires: attempt.now + self.retention,
            ..claim
        };
        self.log_unless_kept("complete", self.store.replace(&done, attempt.token).await);
        Ok(Outcome::Done(result))
    }

    async fn claim<E>(&self, attempt: &Attempt) -> Result<Claim, Error<S::Error, E>> {
        let mut record = Record {
            id: attempt.id.clone(),
            fingerprint: attempt.fingerprint.clone(),
            effect: attempt.token,
            owner: attempt.token,
            state: State::InProgress { lease_ends: attempt.now + attempt.lease },
            // Not before the lease ends, however short the retention: a claim that has expired
            // would be claimed by two.
            expires: attempt.now + self.retention.max(attempt.lease + EXPIRY_GRAIN),
        };
        let found = self.store.insert(&record, attempt.now).await.map_err(Error::Store)?;
        let Some(found) = found else {
            return Ok(Claim::Held(record));
        };
        match decide(&found, &attempt.fingerprint, attempt.token, attempt.now) {
            Decision::Proceed => Ok(Claim::Held(found)),
            Decision::Replay(result) => Ok(Claim::Done(result)),
            Decision::Refuse(refused) => Err(refused.into()),
            Decision::TakeOver => {
                record.effect = found.effect;
                if self.store.replace(&record, found.owner).await.map_err(Error::Store)? {
                    Ok(Claim::Held(record))
                } else {
                    // Somebody else was faster; its lease has just begun.
                    Err(Refused::InProgress { retry_after: attempt.lease }.into())
                }
            }
        }
    }

    async fn give_up<E>(&self, attempt: &Attempt, claim: Record, failed: Failed<E>) -> E {
        // An attempt that took over knows of itself only: the one before it may have done something.
        let took_over = claim.effect != attempt.token;
        match failed {
            Failed::Clean(error) if !took_over => {
                self.log_unless_kept("forget", self.store.remove(&claim.id, attempt.token).await);
                error
            }
            Failed::Clean(error) | Failed::Unsure(error) => {
                let ended =
                    Record { state: State::InProgress { lease_ends: attempt.now }, ..claim };
                self.log_unless_kept("end", self.store.replace(&ended, attempt.token).await);
                error
            }
        }
    }

    fn log_unless_kept(&self, step: &'static str, kept: Result<bool, S::Error>) {
        match kept {
            Ok(true) => {}
            Ok(false) => tracing::warn!(step, "idempotency record was taken over"),
            Err(error) => tracing::warn!(step, error = causes(&error), "store failed"),
        }
    }
}

enum Claim {
    Held(Record),
    Done(String),
}
