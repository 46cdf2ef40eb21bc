//! What became of one record, and its line in the log.

use std::time::Duration;

use super::{Counts, Failure};

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Handled,
    /// It stays in the queue and is to come again after so many seconds.
    Failed(Kind, u16),
}

/// In which way a record failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Transient,
    Panicked,
    Permanent,
    Undecodable,
    CutOff,
    /// It waits as long as the one before it.
    HeldBack(u16),
}

/// A failure of a record, the handler's or ours.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) kind: Kind,
    pub(super) retry_after: Option<Duration>,
    cause: String,
}

impl Trouble {
    fn new(kind: Kind, cause: impl Into<String>) -> Self {
        Self { kind, retry_after: None, cause: cause.into() }
    }

    pub(super) fn cut_off(cause: &str) -> Self {
        Self::new(Kind::CutOff, cause)
    }

    pub(super) fn panicked() -> Self {
        Self::new(Kind::Panicked, "the handler panicked")
    }

    pub(super) fn held_back(seconds: u16) -> Self {
        Self::new(Kind::HeldBack(seconds), "a record before it in its group failed")
    }

    pub(super) fn malformed() -> Self {
        Self::new(Kind::Undecodable, "the record is not a message")
    }

    /// A body that does not decode. What the parser says is dropped, because it may quote.
    pub(super) fn body(error: &serde_json::Error) -> Self {
        let (kind, line, column) = (error.classify(), error.line(), error.column());
        let cause = format!("the body does not decode: {kind:?} at line {line} column {column}");
        Self::new(Kind::Undecodable, cause)
    }

    /// The outcome, once it is known when the message is to come again; logs it.
    pub(super) fn outcome(self, seconds: u16, took: Duration) -> Outcome {
        let Self { kind, cause, .. } = self;
        let duration_ms = milliseconds(took);
        match kind {
            // Somebody has to look at these.
            Kind::Panicked | Kind::Permanent | Kind::Undecodable => {
                let outcome = kind.name();
                tracing::error!(
                    outcome,
                    cause,
                    duration_ms,
                    visible_in_s = seconds,
                    "record failed"
                );
            }
            Kind::Transient | Kind::CutOff | Kind::HeldBack(_) => {
                let outcome = kind.name();
                tracing::warn!(
                    outcome,
                    cause,
                    duration_ms,
                    visible_in_s = seconds,
                    "record failed"
                );
            }
        }
        Outcome::Failed(kind, seconds)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Transient { cause, retry_after } => {
                Self { kind: Kind::Transient, retry_after, cause }
            }
            Failure::Permanent { cause } => Self::new(Kind::Permanent, cause),
        }
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Panicked => "panicked",
            Self::Permanent => "permanent",
            Self::Undecodable => "undecodable",
            Self::CutOff => "cut off",
            Self::HeldBack(_) => "held back",
        }
    }
}

impl Outcome {
    /// The outcome of a record that was handled; logs it.
    pub(super) fn handled(took: Duration) -> Self {
        tracing::info!(outcome = "handled", duration_ms = milliseconds(took), "record handled");
        Self::Handled
    }

    /// Seconds until the record is to come again, if it failed.
    pub(super) const fn seconds(self) -> Option<u16> {
        match self {
            Self::Handled => None,
            Self::Failed(_, seconds) => Some(seconds),
        }
    }

    pub(super) const fn count(self, counts: &mut Counts) {
        match self {
            Self::Handled => {}
            Self::Failed(Kind::Transient | Kind::Panicked, _) => counts.transient += 1,
            Self::Failed(Kind::Permanent, _) => counts.permanent += 1,
            Self::Failed(Kind::Undecodable, _) => counts.undecodable += 1,
            Self::Failed(Kind::CutOff, _) => counts.cut_off += 1,
            Self::Failed(Kind::HeldBack(_), _) => counts.held_back += 1,
        }
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
