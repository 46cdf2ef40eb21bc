//! Names and addresses that somebody has already.

use std::thread;

use serde_json::{Value, json};

use crate::api::Answer;
use crate::sign_in::attempt::{assert_refused, log_in};

use super::newcomer::Newcomer;
use super::run::SOON;
use super::{mails, turns};

/// All that an answer tells, without what differs from request to request.
fn said(answer: &Answer) -> (u16, Vec<String>, Value) {
    let mut body = answer.json();
    for own in ["requestId", "instance"] {
        body.as_object_mut().unwrap().remove(own);
    }
    let names = answer.head.headers().keys().map(ToString::to_string).collect();
    (answer.status, names, body)
}

#[test]
fn a_taken_name_and_a_taken_address_are_refused_alike_and_change_nothing() {
    let _turn = turns::shared();
    let first = Newcomer::new();
    first.sign_up().wait_for("done", SOON);
    let named = Newcomer::new().asking("username", json!(first.person.username.to_uppercase()));
    let addressed = Newcomer::new().asking("email", json!(first.email.to_uppercase()));
    let both = named.clone().asking("email", json!(first.email));
    let answers = [named.ask(None), addressed.ask(None), both.ask(None)];
    for answer in &answers {
        assert_eq!(said(answer), said(&answers[0]));
        assert_eq!(answer.status, 409);
        assert_eq!(answer.json()["type"], "urn:problem-type:taken", "{}", answer.text);
    }
    turns::a_while();
    assert_eq!(mails::to(&first.email).len(), 1);
    assert!(mails::to(&named.email).is_empty());
    assert_refused(&log_in(&addressed.person.username, "any"), 401, "wrong-credentials");
    assert_eq!(log_in(&first.person.username, &first.person.password).status, 202);
}

#[test]
fn of_many_who_want_one_name_at_once_one_gets_it() {
    let _turn = turns::shared();
    let name = json!(Newcomer::new().person.username);
    let rivals: Vec<Newcomer> =
        (0..8).map(|_| Newcomer::new().asking("username", name.clone())).collect();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let ask = |rival: &'_ Newcomer| rival.ask(None).status;
        let threads: Vec<_> = rivals.iter().map(|rival| scope.spawn(move || ask(rival))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(201), count(409)), (1, 7), "{statuses:?}");
    turns::a_while();
    let welcomed = rivals.iter().filter(|rival| !mails::to(&rival.email).is_empty());
    assert_eq!(welcomed.count(), 1);
}
