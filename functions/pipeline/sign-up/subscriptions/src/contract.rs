//! What every store of subscribers must do, run against each implementation.

use std::time::{Duration, SystemTime};

use common::clock::from_epoch_seconds;

use crate::ports::{Asks, Decisions};
use crate::subscriber::{Address, State, Subscriber};

/// Checks both sides of one store; `run` keeps the addresses of one run apart from those of another.
///
/// # Panics
/// When the store breaks the contract.
pub async fn check(asks: &impl Asks, decisions: &impl Decisions, run: &str) {
    confirmed(asks, decisions, &address(run, "ada")).await;
    unsubscribed(asks, decisions, &address(run, "bob")).await;
    unknown(asks, decisions, &address(run, "eve")).await;
}

#[expect(clippy::expect_used, reason = "a test may panic")]
fn address(run: &str, name: &str) -> Address {
    format!("{name}-{run}@example.com").parse().expect("an address")
}

fn now() -> SystemTime {
    from_epoch_seconds(1_772_366_400)
}

fn subscriber(address: &Address, username: &str) -> Subscriber {
    Subscriber { address: address.clone(), username: username.to_owned(), created: now() }
}

#[expect(clippy::panic, reason = "a test may panic")]
fn ok<T, E: std::error::Error>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

async fn confirmed(asks: &impl Asks, decisions: &impl Decisions, address: &Address) {
    let digest = address.digest();
    assert_eq!(ok(decisions.confirm(&digest, now()).await), None, "nobody has asked");
    assert_eq!(ok(asks.ask(&subscriber(address, "Ada")).await), State::Pending);
    assert_eq!(ok(asks.ask(&subscriber(address, "Ada")).await), State::Pending, "once more");
    assert_eq!(ok(decisions.confirm(&digest, now()).await), Some(State::Confirmed));
    let later = now() + Duration::from_secs(60);
    assert_eq!(ok(decisions.confirm(&digest, later).await), Some(State::Confirmed), "once more");
    let again = ok(asks.ask(&subscriber(address, "Ada")).await);
    assert_eq!(again, State::Confirmed, "what is confirmed stays confirmed");
}

async fn unsubscribed(asks: &impl Asks, decisions: &impl Decisions, address: &Address) {
    let digest = address.digest();
    assert_eq!(ok(asks.ask(&subscriber(address, "Bob")).await), State::Pending);
    ok(decisions.unsubscribe(&digest, now()).await);
    ok(decisions.unsubscribe(&digest, now()).await);
    let ended = Some(State::Unsubscribed);
    assert_eq!(
        ok(decisions.confirm(&digest, now()).await),
        ended,
        "an older link takes nothing back"
    );
    let again = ok(asks.ask(&subscriber(address, "Bob")).await);
    assert_eq!(again, State::Unsubscribed, "nor does an older wish");
}

async fn unknown(asks: &impl Asks, decisions: &impl Decisions, address: &Address) {
    ok(decisions.unsubscribe(&address.digest(), now()).await);
    let asked = ok(asks.ask(&subscriber(address, "Eve")).await);
    assert_eq!(asked, State::Unsubscribed, "who wants no mails gets none later");
}
