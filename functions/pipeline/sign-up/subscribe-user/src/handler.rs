//! Orders what happens for each step.

use std::time::SystemTime;

use common::batch::Failure;
use common::journal::{Action, Context, StepName, Task};
use common::problem::causes;
use mails::{Language, Links, Mails};
use serde_json::Value;
use subscriptions::ports::Asks;
use subscriptions::{Address, State, Subscriber};

use crate::text::mail;

/// The step that is done here.
const STEP: &str = "subscribe-user";

/// The function and what it works on.
#[derive(Debug)]
pub struct SubscribeUser<A, M> {
    links: Links,
    asks: A,
    mails: M,
}

impl<A: Asks, M: Mails> SubscribeUser<A, M> {
    /// Asks by these links, on a store of subscribers and a sender of mails.
    pub const fn new(links: Links, asks: A, mails: M) -> Self {
        Self { links, asks, mails }
    }
}

impl<A: Asks, M: Mails> Action for SubscribeUser<A, M> {
    fn is_for(&self, step: &StepName) -> bool {
        step.as_str() == STEP
    }

    /// Keeps the subscriber first: a link that is there before what it confirms would be useless.
    /// The address names the record, so asking again changes nothing; only the mail can be sent
    /// twice, if the process dies before the step is done.
    async fn act(&self, task: &Task, now: SystemTime) -> Result<Context, Failure> {
        let known = |field| task.context.get(field).and_then(Value::as_str).unwrap_or_default();
        let address: Address = known("email").parse().map_err(Failure::permanent)?;
        let username = known("username").to_owned();
        let subscriber = Subscriber { address, username, created: now };
        let state = self.asks.ask(&subscriber).await;
        let state = state.map_err(|error| Failure::transient(causes(&error)))?;
        if state == State::Pending {
            let to = subscriber.address.as_str();
            let (confirm, unsubscribe) =
                (self.links.confirm(to, now), self.links.unsubscribe(to, now));
            let language = Language::of(known("locale"));
            self.mails.send(&mail(to, language, &confirm, &unsubscribe)).await?;
        }
        tracing::info!(state = state.word(), "the subscription was asked for");
        Ok(Context::from_iter([("subscribed".to_owned(), state.word().into())]))
    }
}
