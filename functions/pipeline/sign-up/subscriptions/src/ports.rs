//! What the functions need of a database. Each change is one conditional write, and the conditions
//! are part of the contract, which every implementation is tested for.

use std::error::Error;
use std::time::SystemTime;

use crate::subscriber::{Digest, State, Subscriber};

/// What `subscribe-user` does with subscribers.
pub trait Asks: Send + Sync + 'static {
    /// What the store fails with.
    type Error: Error + Send + Sync + 'static;

    /// Keeps a subscriber as [`State::Pending`], unless the address is known already; tells how the
    /// subscription stands then. However often it is asked, it is written once.
    fn ask(
        &self,
        subscriber: &Subscriber,
    ) -> impl Future<Output = Result<State, Self::Error>> + Send;
}

/// What `subscriptions` does with them.
pub trait Decisions: Send + Sync + 'static {
    /// What the store fails with.
    type Error: Error + Send + Sync + 'static;

    /// Turns [`State::Pending`] into [`State::Confirmed`]; tells how the subscription stands then.
    /// One that was confirmed or ended before stays as it is.
    fn confirm(
        &self,
        digest: &Digest,
        now: SystemTime,
    ) -> impl Future<Output = Result<Option<State>, Self::Error>> + Send;

    /// Turns whatever there is into [`State::Unsubscribed`], and forgets address and user. An
    /// address that is not known is kept, too, so that it gets no mails later.
    fn unsubscribe(
        &self,
        digest: &Digest,
        now: SystemTime,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}
