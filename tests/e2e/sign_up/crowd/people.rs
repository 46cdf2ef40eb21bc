//! Who signs up, and how often they ask until they are let in.

use std::thread::sleep;
use std::time::Duration;

use serde_json::json;

use crate::api::unique;
use crate::sign_up::newcomer::Newcomer;
use crate::sign_up::run::Run;

use super::trouble;

/// Asking for longer than this means that nobody is ever let in.
const PATIENCE: usize = 300;

/// What is to become of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A mail and a call.
    Plain,
    /// A mail, another that asks to confirm, and a call.
    Subscriber,
    /// The provider fails once.
    Flaky,
    /// The provider takes no mail for them.
    Refused,
}

impl Kind {
    fn of(number: usize) -> Self {
        match number % 50 {
            7 => Self::Refused,
            13 | 37 => Self::Flaky,
            at if at % 10 == 0 => Self::Subscriber,
            _ => Self::Plain,
        }
    }

    fn newcomer(self) -> Newcomer {
        match self {
            Self::Plain => Newcomer::new(),
            Self::Subscriber => Newcomer::new().asking("newsletter", json!(true)),
            Self::Flaky => Newcomer::who_is("broken-1"),
            Self::Refused => Newcomer::who_is("refused"),
        }
    }
}

/// Somebody who was let in.
#[derive(Debug, Clone)]
pub(super) struct Accepted {
    pub(super) kind: Kind,
    pub(super) newcomer: Newcomer,
    pub(super) run: Run,
}

/// Signs up, as often as it takes: functions are killed at it.
pub(super) fn sign_up(number: usize) -> Accepted {
    let kind = Kind::of(number);
    let newcomer = kind.newcomer();
    let key = unique("key");
    for _ in 0..PATIENCE {
        let answer = newcomer.ask(Some(&key));
        match answer.status {
            201 => {
                let run = Run::started_by(&answer);
                trouble::send_copies(&run, number);
                return Accepted { kind, newcomer, run };
            }
            409 => assert!(answer.text.contains("request-in-progress"), "{}", answer.text),
            status => assert!(status == 429 || status >= 500, "{status}: {}", answer.text),
        }
        let wait = answer.header("retry-after").and_then(|seconds| seconds.parse().ok());
        sleep(wait.map_or(Duration::from_millis(300), Duration::from_secs));
    }
    panic!("{} was never let in", newcomer.person.username)
}
