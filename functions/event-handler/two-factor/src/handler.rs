//! Orders what happens for each message.

use std::time::{Duration, SystemTime};

use common::aws::ONCE;
use common::batch::{Failure, Record, RecordHandler};
use common::clock::whole_seconds;
use common::event::CloudEvent;
use common::problem::causes;
use common::telemetry::Metrics;
use sign_in::event::{CODE_REQUESTED, CodeRequested};
use sign_in::limits::TextQuota;
use sign_in::ports::{Codes, Registered, Registration};
use sign_in::{
    Challenge, ChallengeId, Code, Delivery, Key, Phone, Reason, Refusal, RegisteredCode,
};
use tokio::time::Instant;
use tracing::Instrument as _;

use crate::config::Rules;
use crate::plan::{Plan, plan};
use crate::text::message;

/// Lease outside Lambda, where an invocation has no deadline.
const DEFAULT_LEASE: Duration = Duration::from_secs(5);

/// Sends text messages.
pub trait Texts: Send + Sync + 'static {
    /// Sends a text to a number.
    fn send(&self, phone: &Phone, text: &str)
    -> impl Future<Output = Result<(), TextError>> + Send;
}

/// How sending a text fails decides whether it may be sent again. Causes are for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// The provider refuses this text for good: the number is wrong or wants no texts.
    #[error("refused: {0}")]
    Refused(String),
    /// It was surely not sent.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The provider did not answer: it may have been sent.
    #[error("perhaps sent: {0}")]
    Unknown(String),
}

/// The function and what it works on.
#[derive(Debug)]
pub struct TwoFactor<S, T> {
    rules: Rules,
    key: Key,
    store: S,
    texts: T,
    metrics: Metrics,
}

impl<S, T> TwoFactor<S, T>
where
    S: Codes + 'static,
    T: Texts,
{
    /// Makes codes by these rules, with this key, on a store and a sender of texts.
    pub const fn new(rules: Rules, key: Key, store: S, texts: T, metrics: Metrics) -> Self {
        Self { rules, key, store, texts, metrics }
    }

    async fn issue(
        &self,
        id: ChallengeId,
        number: u32,
        lease_ends: SystemTime,
        now: SystemTime,
    ) -> Result<(), Failure> {
        let begun = Instant::now();
        let Some(challenge) = self.store.find(id, now).await.map_err(|e| failed(&e))? else {
            tracing::info!("the sign-in is over");
            return Ok(());
        };
        match plan(&challenge, number, now) {
            Plan::Issue => {}
            Plan::Nothing(reason) => {
                tracing::info!(reason, "no code is wanted");
                return Ok(());
            }
            Plan::Wait(left) => {
                return Err(Failure::transient("somebody else is at it").retry_after(left));
            }
        }
        if !challenge.phone.is_in(self.rules.countries.prefixes()) {
            let refusal = Refusal { reason: Reason::CountryNotServed, until: None };
            return self.refuse(&challenge, refusal, now).await;
        }
        let code = Code::random().map_err(Failure::transient)?;
        let registration = self.registration(&challenge, &code, lease_ends, now);
        match self.store.register(&registration, now).await.map_err(|e| failed(&e))? {
            Registered::Done => self.send(&challenge, &code, &registration, begun, now).await,
            Registered::Full(reason) => {
                let refusal = Refusal { reason, until: Some(registration.quota.ends) };
                self.refuse(&challenge, refusal, now).await
            }
            // Not done: if whoever was faster dies, this message is what is left.
            Registered::Lost => Err(Failure::transient("the challenge changed meanwhile")),
        }
    }

    fn registration(
        &self,
        challenge: &Challenge,
        code: &Code,
        lease_ends: SystemTime,
        now: SystemTime,
    ) -> Registration {
        Registration {
            id: challenge.id,
            number: challenge.number,
            code: RegisteredCode {
                mac: self.key.mac(challenge.id, &challenge.username, code),
                expires: whole_seconds(now + self.rules.code_ttl).min(challenge.expires),
            },
            lease_ends,
            quota: TextQuota::of(&self.key, &challenge.phone, self.rules.limits, now),
            is_counted: challenge.counted == challenge.number,
        }
    }

    async fn send(
        &self,
        challenge: &Challenge,
        code: &Code,
        registration: &Registration,
        begun: Instant,
        now: SystemTime,
    ) -> Result<(), Failure> {
        let valid =
            registration.code.expires.duration_since(whole_seconds(now)).unwrap_or_default();
        let text = message(&challenge.locale, code, valid, &self.rules.host);
        // What would be cut off while it is being sent had better not begin.
        let has_time = registration.lease_ends >= now + begun.elapsed() + ONCE;
        let sent = if has_time {
            self.texts.send(&challenge.phone, &text).await
        } else {
            Err(TextError::NotSent("no time is left".to_owned()))
        };
        let (delivery, result) = match &sent {
            Ok(()) => {
                tracing::info!("the code was sent");
                self.metrics.count(now, "CodesSent");
                (Delivery::Sent, Ok(()))
            }
            Err(error @ TextError::Refused(_)) => {
                tracing::warn!(cause = %error, "the text was refused");
                self.metrics.count(now, "CodesFailed");
                (Delivery::Failed, Ok(()))
            }
            Err(error @ TextError::NotSent(_)) => {
                (Delivery::Requested, Err(Failure::transient(error)))
            }
            // Whoever takes over waits for the lease, in case the text is still on its way.
            Err(error @ TextError::Unknown(_)) => {
                let left = registration.lease_ends.duration_since(now).unwrap_or_default();
                return Err(Failure::transient(error).retry_after(left));
            }
        };
        let mac = Some(&registration.code.mac);
        let settled = self.store.settle(challenge.id, challenge.number, mac, delivery).await;
        // A text that was sent is not sent again because that could not be written down: the code
        // can be entered, the page only tells later than it could.
        match settled {
            Ok(true) => {}
            Ok(false) => tracing::info!("another code was asked for meanwhile"),
            Err(error) => tracing::error!(cause = causes(&error), "the delivery is not recorded"),
        }
        result
    }

    async fn refuse(
        &self,
        challenge: &Challenge,
        refusal: Refusal,
        now: SystemTime,
    ) -> Result<(), Failure> {
        tracing::warn!(reason = refusal.reason.word(), "a limit forbids the code");
        self.metrics.count(now, "CodesRefused");
        let delivery = Delivery::Refused(refusal);
        let settled = self.store.settle(challenge.id, challenge.number, None, delivery).await;
        settled.map(|_| ()).map_err(|e| failed(&e))
    }

    /// The queue gives the message up: people are told that no code will come.
    async fn give_up(&self, id: ChallengeId, number: u32, now: SystemTime) {
        self.metrics.count(now, "CodesFailed");
        if let Err(error) = self.store.settle(id, number, None, Delivery::Failed).await {
            tracing::error!(cause = causes(&error), "the failure is not recorded");
        }
    }
}

impl<S, T> RecordHandler for TwoFactor<S, T>
where
    S: Codes + 'static,
    T: Texts,
{
    type Body = CloudEvent<CodeRequested>;

    async fn handle(&self, record: Record<Self::Body>, now: SystemTime) -> Result<(), Failure> {
        let event = &record.body;
        if event.kind != CODE_REQUESTED {
            return Err(Failure::permanent("an event of another type"));
        }
        let CodeRequested { challenge, number } = &event.data;
        let Ok(id) = challenge.parse() else {
            return Err(Failure::permanent("no name of a challenge"));
        };
        let lease_ends = record.deadline.unwrap_or(now + DEFAULT_LEASE);
        let traceparent = event.traceparent.map(|trace| trace.to_string());
        let span = tracing::info_span!("code", traceparent, number);
        let issued = self.issue(id, *number, lease_ends, now).instrument(span).await;
        if issued.is_err() && record.is_last_receive {
            self.give_up(id, *number, now).await;
        }
        issued
    }
}

fn failed(error: &(impl std::error::Error + 'static)) -> Failure {
    Failure::transient(causes(error))
}
