//! Texts that cannot be sent, for a while or for good.

use std::time::Duration;

use crate::api::get;

use super::attempt::{Attempt, SOON, assert_refused};
use super::outbox;
use super::person::{Person, simulated_phone};
use super::queue::dead_letters;
use super::turns::{self, eventually};

/// Five deliveries with pauses of at most 2, 4, 8 and 16 seconds between them, and some air.
const ALL_DELIVERIES: Duration = Duration::from_secs(90);

fn is_dead(attempt: &Attempt) -> bool {
    dead_letters().iter().any(|letter| letter.contains(&attempt.id))
}

#[test]
fn a_provider_that_fails_for_a_while_sends_one_text_in_the_end() {
    let _turn = turns::shared();
    let attempt = Attempt::start(&Person::with_phone(&simulated_phone("+15550107")));
    attempt.wait_for("sent", ALL_DELIVERIES);
    turns::a_while();
    assert_eq!(outbox::texts(&attempt.person.phone).len(), 1);
    assert_eq!(attempt.guess(&attempt.code()).status, 200);
    assert!(!is_dead(&attempt));
}

#[test]
fn a_provider_that_fails_for_good_fails_the_code_and_leaves_a_dead_letter() {
    let _turn = turns::shared();
    let attempt = Attempt::start(&Person::with_phone(&simulated_phone("+15550108")));
    attempt.wait_for("failed", ALL_DELIVERIES);
    eventually("it is a dead letter", ALL_DELIVERIES, || is_dead(&attempt).then_some(()));
    assert!(outbox::texts(&attempt.person.phone).is_empty());
    // A failure within the provider does not say that nothing was sent, so a code can be entered.
    assert_refused(&attempt.guess("123456"), 401, "wrong-code");
}

#[test]
fn a_number_that_takes_no_texts_fails_at_once_and_leaves_no_dead_letter() {
    let _turn = turns::shared();
    let attempt = Attempt::start(&Person::with_phone(&simulated_phone("+15550106")));
    attempt.wait_for("failed", SOON);
    turns::a_while();
    assert!(!is_dead(&attempt));
    assert!(outbox::texts(&attempt.person.phone).is_empty());
    assert_refused(&attempt.guess("123456"), 409, "code-not-ready");
}

#[test]
fn a_country_that_is_not_served_gets_no_texts() {
    let _turn = turns::shared();
    let phone = super::person::fresh_phone().replace("+1555", "+33700");
    let attempt = Attempt::start(&Person::with_phone(&phone));
    attempt.wait_for("refused", SOON);
    assert_eq!(attempt.document()["reason"], "country-not-served");
    assert_refused(&attempt.guess("123456"), 403, "country-not-served");
    turns::a_while();
    assert!(!is_dead(&attempt) && outbox::texts(&phone).is_empty());
    assert_eq!(get(&attempt.path()).status, 200);
}
