//! How much one user and one telephone may cost.

use serde_json::json;

use super::attempt::{Attempt, SOON, assert_refused, log_in};
use super::outbox;
use super::person::{Person, fresh_phone};
use super::turns::{self, eventually};

/// Codes an hour for one user. At the turn of the hour, twice as many.
const CODES_PER_USER: usize = 5;
/// Wrong passwords an hour for one user. At the turn of the hour, twice as many.
const FAILURES_PER_USER: usize = 10;
/// Codes a day to one telephone.
const CODES_PER_PHONE: usize = 10;

#[test]
fn a_user_has_a_limited_number_of_codes() {
    let _turn = turns::shared();
    let person = Person::new();
    let mut codes = 0;
    let refused = loop {
        let answer = log_in(&person.username, &person.password);
        if answer.status != 202 {
            break answer;
        }
        codes += 1;
    };
    assert_refused(&refused, 429, "too-many-attempts");
    assert!((CODES_PER_USER..=2 * CODES_PER_USER).contains(&codes), "{codes} codes");
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!(seconds <= 3600, "{seconds} s");
    eventually("all are sent", SOON, || {
        (outbox::texts(&person.phone).len() == codes).then_some(())
    });
}

#[test]
fn guessing_passwords_locks_the_user_for_a_while_and_nobody_else() {
    let person = Person::new();
    let mut failures = 0;
    let refused = loop {
        let answer = log_in(&person.username, "wrong");
        if answer.status != 401 {
            break answer;
        }
        failures += 1;
    };
    assert_refused(&refused, 429, "too-many-attempts");
    assert!((FAILURES_PER_USER..=2 * FAILURES_PER_USER).contains(&failures), "{failures} failures");
    let right = log_in(&person.username, &person.password);
    assert_refused(&right, 429, "too-many-attempts");
    let upper = log_in(&person.username.to_uppercase(), &person.password);
    assert_refused(&upper, 429, "too-many-attempts");
    Attempt::start(&Person::new());
}

#[test]
fn a_telephone_gets_a_limited_number_of_texts_whoever_signs_in() {
    let _turn = turns::shared();
    let phone = fresh_phone();
    for user in 0..2 {
        let person = Person::with_phone(&phone);
        for code in 1..=CODES_PER_USER {
            Attempt::start(&person);
            let sent = user * CODES_PER_USER + code;
            eventually("it is sent", SOON, || (outbox::texts(&phone).len() == sent).then_some(()));
        }
    }
    let refused = Attempt::start(&Person::with_phone(&phone));
    refused.wait_for("refused", SOON);
    assert_eq!(refused.document()["reason"], "phone-limit");
    let answer = refused.guess("123456");
    assert_refused(&answer, 429, "code-refused");
    assert_eq!(answer.json()["reason"], json!("phone-limit"));
    let again = eventually("another code may be asked for", SOON, || {
        let answer = refused.resend();
        (outbox::kind(&answer.json()) != "too-soon").then_some(answer)
    });
    assert_refused(&again, 429, "code-refused");
    turns::a_while();
    assert_eq!(outbox::texts(&phone).len(), CODES_PER_PHONE);
}
