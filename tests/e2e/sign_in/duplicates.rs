//! Queues deliver at least once, and in no order.

use super::attempt::{Attempt, SOON};
use super::outbox;
use super::person::Person;
use super::queue::{request, send};
use super::turns::{self, eventually};

/// Waits until what was sent to the queue before has been looked at.
fn let_the_queue_run() {
    Attempt::with_text(&Person::new());
    turns::a_while();
}

#[test]
fn copies_of_a_request_that_is_done_send_nothing() {
    let _turn = turns::shared();
    let attempt = Attempt::with_text(&Person::new());
    let code = attempt.code();
    send(&vec![request(&attempt.id, 1); 20]);
    let_the_queue_run();
    assert_eq!(outbox::codes(&attempt.person.phone), [code.as_str()]);
    assert_eq!(attempt.guess(&code).status, 200);
    // Nor do they when the sign-in is over.
    send(&[request(&attempt.id, 1), request(&attempt.id, 2)]);
    let_the_queue_run();
    assert_eq!(outbox::codes(&attempt.person.phone), [code]);
}

#[test]
fn copies_that_are_delivered_at_once_send_one_text() {
    let _turn = turns::shared();
    let attempt = Attempt::start(&Person::new());
    send(&vec![request(&attempt.id, 1); 20]);
    attempt.wait_for("sent", SOON);
    let_the_queue_run();
    assert_eq!(outbox::texts(&attempt.person.phone).len(), 1);
    assert_eq!(attempt.guess(&attempt.code()).status, 200);
}

#[test]
fn the_first_request_after_the_second_sends_nothing() {
    let _turn = turns::shared();
    let attempt = Attempt::with_text(&Person::new());
    attempt.resend_in_time();
    eventually("both are sent", SOON, || {
        (outbox::texts(&attempt.person.phone).len() == 2).then_some(())
    });
    let newest = attempt.code();
    send(&vec![request(&attempt.id, 1); 5]);
    let_the_queue_run();
    assert_eq!(outbox::texts(&attempt.person.phone).len(), 2);
    assert_eq!(attempt.status(), "sent");
    assert_eq!(attempt.guess(&newest).status, 200);
}

#[test]
fn a_request_for_a_code_that_nobody_asked_for_sends_nothing() {
    let _turn = turns::shared();
    let attempt = Attempt::with_text(&Person::new());
    let unknown = "0123456789abcdef0123456789abcdef";
    send(&[request(&attempt.id, 2), request(&attempt.id, 4_000_000_000), request(unknown, 1)]);
    let_the_queue_run();
    assert_eq!(outbox::texts(&attempt.person.phone).len(), 1);
    assert_eq!(attempt.guess(&attempt.code()).status, 200);
}
