//! Mails that cannot be sent, for a while or for good.

use std::time::Duration;

use crate::api::post;
use crate::dead_letters::dlq;

use super::newcomer::Newcomer;
use super::run::{Run, SOON, places, step};
use super::turns::{self, eventually};
use super::{mails, steps};

/// A pause of at most 20 seconds after the first receive, and some air.
const AFTER_A_REPEAT: Duration = Duration::from_secs(60);

/// Waits until the mail of a run is refused for good.
fn failed(run: &Run) {
    let document = run.wait_for("failed", SOON);
    assert_eq!(places(&document), ["failed", "unreachable", "unreachable"], "{document}");
    let step = step(&document, "email-user");
    assert_eq!(
        (&step["failure"], &step["attempts"]),
        (&"refused: MessageRejected".into(), &1.into())
    );
    eventually("it is a dead letter", SOON, || steps::is_dead(run, "email-user").then_some(()));
}

#[test]
fn an_address_that_takes_no_mail_fails_the_run_and_leaves_a_dead_letter() {
    let _turn = turns::shared();
    let newcomer = Newcomer::who_is("refused");
    let run = newcomer.sign_up();
    failed(&run);
    assert!(mails::to(&newcomer.email).is_empty());
    assert!(super::webhooks::calls(Some(&run)).is_empty(), "nothing comes after what failed");
}

#[test]
fn a_failed_run_goes_on_from_the_failed_step_when_somebody_retries_it() {
    let _turn = turns::shared();
    let newcomer = Newcomer::who_is("refused-1");
    let run = newcomer.sign_up();
    failed(&run);
    let retried = run.retry();
    assert_eq!(retried.status, 202, "{}", retried.text);
    assert_eq!(retried.json()["state"], "running");
    let document = run.wait_for("done", SOON);
    assert_eq!(places(&document), ["done", "skipped", "done"]);
    assert_eq!(step(&document, "email-user")["attempts"], 2);
    assert!(step(&document, "email-user")["failure"].is_null());
    turns::a_while();
    assert_eq!(mails::to(&newcomer.email).len(), 1);
}

#[test]
fn runs_whose_messages_were_given_up_are_opened_again() {
    let _turn = turns::shared();
    let run = Newcomer::who_is("refused-1").sign_up();
    failed(&run);
    let queue = || dlq(&format!("show email-user --filter {}", run.id)).0;
    let retry = format!("retry email-user --all --filter {}", run.id);
    let (printed, _) = dlq(&format!("{retry} --dry-run"));
    // One, or two if the step was published twice.
    assert!(
        printed.ends_with(" would be opened again\n") && !printed.contains("\n0 "),
        "{printed}"
    );
    let (printed, is_done) = dlq(&retry);
    assert!(is_done && printed.ends_with(" opened again\n"), "{printed}");
    run.wait_for("done", SOON);
    assert!(queue().is_empty(), "its message is of no use any more");
}

#[test]
fn a_retry_of_what_still_fails_fails_again() {
    let _turn = turns::shared();
    let newcomer = Newcomer::who_is("refused");
    let run = newcomer.sign_up();
    failed(&run);
    assert_eq!(run.retry().status, 202);
    let document = run.wait_for("failed", SOON);
    assert_eq!(step(&document, "email-user")["attempts"], 2);
    assert!(mails::to(&newcomer.email).is_empty());
}

#[test]
fn there_is_nothing_to_retry_unless_something_failed() {
    let _turn = turns::shared();
    let run = Newcomer::new().sign_up();
    run.wait_for("done", SOON);
    let refused = run.retry();
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert_eq!(refused.json()["type"], "urn:problem-type:nothing-to-retry");
    assert_eq!(post(&format!("/runs/{}/retry", "0".repeat(32)), "{}").status, 404);
}

#[test]
fn an_optional_step_that_failed_can_be_retried_alone() {
    let _turn = turns::shared();
    let newcomer = Newcomer::who_is("gone-1");
    let run = newcomer.sign_up();
    assert_eq!(places(&run.wait_for("done", SOON)), ["done", "skipped", "failed"]);
    assert_eq!(run.retry().status, 202);
    run.wait_for_step("call-webhook", "done", SOON);
    assert_eq!(places(&run.wait_for("done", SOON)), ["done", "skipped", "done"]);
    assert_eq!(mails::to(&newcomer.email).len(), 1, "what was done is not done again");
}

#[test]
fn a_provider_that_fails_for_a_while_sends_one_mail_in_the_end() {
    let _turn = turns::shared();
    let newcomer = Newcomer::who_is("broken-1");
    let run = newcomer.sign_up();
    let document = run.wait_for("done", AFTER_A_REPEAT);
    assert_eq!(step(&document, "email-user")["attempts"], 2);
    turns::a_while();
    assert_eq!(mails::to(&newcomer.email).len(), 1);
    assert!(!steps::is_dead(&run, "email-user"));
}
