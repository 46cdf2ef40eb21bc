//! Another code.

use super::attempt::{Attempt, assert_refused};
use super::outbox;
use super::person::Person;
use super::turns;

#[test]
fn the_next_code_kills_the_one_before() {
    let _turn = turns::shared();
    let person = Person::new();
    let attempt = Attempt::with_text(&person);
    let old = attempt.code();
    attempt.resend_in_time();
    assert_eq!(attempt.document()["codesLeft"], 1);
    let new = attempt.code();
    assert_eq!(outbox::codes(&person.phone).len(), 2);
    if old != new {
        assert_refused(&attempt.guess(&old), 401, "wrong-code");
    }
    assert_eq!(attempt.guess(&new).status, 200);
}

#[test]
fn the_next_code_has_to_be_waited_for() {
    let _turn = turns::shared();
    let person = Person::new();
    let attempt = Attempt::start(&person);
    assert_refused(&attempt.resend(), 429, "too-soon");
    attempt.wait_for("sent", super::attempt::SOON);
    assert_eq!(attempt.guess(&attempt.code()).status, 200);
    assert_eq!(outbox::texts(&person.phone).len(), 1);
}

#[test]
fn a_sign_in_has_three_codes() {
    let _turn = turns::shared();
    let person = Person::new();
    let attempt = Attempt::with_text(&person);
    for left in [1, 0] {
        attempt.resend_in_time();
        assert_eq!(attempt.document()["codesLeft"], left);
    }
    std::thread::sleep(std::time::Duration::from_secs(3)); // longer than codes are apart
    assert_refused(&attempt.resend(), 429, "too-many-codes");
    assert_eq!(outbox::texts(&person.phone).len(), 3);
    assert_eq!(attempt.guess(&attempt.code()).status, 200);
}

#[test]
fn many_requests_at_once_for_the_next_code_make_one() {
    let _turn = turns::shared();
    let person = Person::new();
    let attempt = Attempt::with_text(&person);
    std::thread::sleep(std::time::Duration::from_secs(3)); // longer than codes are apart
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..10).map(|_| scope.spawn(|| attempt.resend().status)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 1, "{statuses:?}");
    attempt.wait_for("sent", super::attempt::SOON);
    turns::a_while();
    assert_eq!(outbox::texts(&person.phone).len(), 2);
    assert_eq!(attempt.guess(&attempt.code()).status, 200);
}
