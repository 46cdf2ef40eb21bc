//! Requests that are sent again, because the answer was lost or somebody pressed twice.

use std::thread;

use serde_json::json;

use crate::api::{Answer, unique};
use crate::sign_in::attempt::assert_refused;

use super::newcomer::Newcomer;
use super::run::{Run, SOON};
use super::{mails, turns};

/// The runs that the answers tell of, each once.
fn runs(answers: &[Answer]) -> Vec<Run> {
    let accepted = answers.iter().filter(|answer| answer.status == 201);
    let mut runs: Vec<Run> = accepted.map(Run::started_by).collect();
    runs.sort();
    runs.dedup();
    runs
}

fn assert_welcomed_once(newcomer: &Newcomer, run: &Run) {
    run.wait_for("done", SOON);
    turns::a_while();
    assert_eq!(mails::to(&newcomer.email).len(), 1);
}

#[test]
fn repeats_with_a_key_make_one_user_one_run_and_one_mail() {
    let _turn = turns::shared();
    let newcomer = Newcomer::new();
    let key = unique("key");
    let answers: Vec<Answer> = (0..4).map(|_| newcomer.ask(Some(&key))).collect();
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!(answers[3].header("idempotency-replayed"), Some("true"));
    let [run] = &runs(&answers)[..] else { panic!("one run") };
    assert_welcomed_once(&newcomer, run);
}

#[test]
fn repeats_at_once_make_one_user_one_run_and_one_mail() {
    let _turn = turns::shared();
    let newcomer = Newcomer::new();
    let key = unique("key");
    let answers: Vec<Answer> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| newcomer.ask(Some(&key)))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_refused(answer, 409, "request-in-progress");
    }
    let [run] = &runs(&answers)[..] else { panic!("one run") };
    assert_eq!(&Run::started_by(&newcomer.ask(Some(&key))), run);
    assert_welcomed_once(&newcomer, run);
}

#[test]
fn a_key_is_for_one_request() {
    let _turn = turns::shared();
    let newcomer = Newcomer::new();
    let key = unique("key");
    let run = Run::started_by(&newcomer.ask(Some(&key)));
    let other = newcomer.clone().asking("locale", json!("fr"));
    assert_refused(&other.ask(Some(&key)), 422, "idempotency-key-reused");
    assert_welcomed_once(&newcomer, &run);
}
