//! The calls that other systems get of each sign-up.

use std::time::Duration;

use call_webhook::signature::WebhookKeys;
use common::redact::Secret;
use serde_json::{Value, json};

use crate::api::{send_to, variable};

use super::newcomer::Newcomer;
use super::run::{Run, SOON, places, step};
use super::{mails, steps, subscribers, turns};

/// Two waits of a second, as the receiver asks for, and some air.
const AFTER_REPEATS: Duration = Duration::from_secs(60);

/// The calls of all runs or one, as the local AWS keeps them, oldest first
/// (`infra/local/patches/webhook_receiver.py`).
pub(super) fn calls(run: Option<&Run>) -> Vec<Value> {
    let query = run.map(|run| format!("?run={}", run.id)).unwrap_or_default();
    let url = format!("{}/_ministack/webhooks{query}", variable("AWS_ENDPOINT_URL"));
    send_to("GET", &url, &[], "").json()["webhooks"].as_array().unwrap().clone()
}

fn header<'a>(call: &'a Value, name: &str) -> &'a str {
    call["Headers"][name].as_str().unwrap_or_else(|| panic!("no {name} in {call}"))
}

/// Whether somebody who has the key believes the call.
fn is_signed(call: &Value) -> bool {
    let secret = subscribers::secret("Key that calls of webhooks are signed with.");
    let keys = WebhookKeys::new(&Secret::new(secret)).unwrap();
    let time = header(call, "webhook-timestamp").parse().unwrap();
    let body = call["Body"].as_str().unwrap();
    keys.sign(header(call, "webhook-id"), time, body.as_bytes())
        == header(call, "webhook-signature")
}

#[test]
fn a_sign_up_is_posted_once_signed_and_by_name() {
    let _turn = turns::shared();
    let newcomer = Newcomer::new();
    let run = newcomer.sign_up();
    run.wait_for("done", SOON);
    turns::a_while();
    let [call] = &calls(Some(&run))[..] else { panic!("one call") };
    let id = format!("{}-call-webhook", run.id);
    assert_eq!((header(call, "webhook-id"), is_signed(call)), (id.as_str(), true));
    assert_eq!(header(call, "idempotency-key"), format!("\"{id}\""));
    let body: Value = serde_json::from_str(call["Body"].as_str().unwrap()).unwrap();
    assert_eq!(body["context"]["email"], json!(newcomer.email));
    assert!(body["context"]["emailed"].is_string(), "it comes after the mail: {body}");
    assert!(body["context"]["password"].is_null());
}

#[test]
fn a_busy_receiver_is_asked_again_by_the_same_name() {
    let _turn = turns::shared();
    let run = Newcomer::who_is("busy-2").sign_up();
    let document = run.wait_for("done", AFTER_REPEATS);
    assert_eq!(step(&document, "call-webhook")["attempts"], 3);
    let calls = calls(Some(&run));
    let statuses: Vec<&Value> = calls.iter().map(|call| &call["Status"]).collect();
    assert_eq!(statuses, [503, 503, 204]);
    assert!(calls.iter().all(is_signed));
    assert!(calls.iter().all(|call| header(call, "webhook-id") == header(&calls[0], "webhook-id")));
    assert!(header(&calls[0], "webhook-timestamp") < header(&calls[2], "webhook-timestamp"));
}

#[test]
fn a_receiver_that_wants_no_more_fails_its_step_and_not_the_run() {
    let _turn = turns::shared();
    let newcomer = Newcomer::who_is("gone");
    let run = newcomer.sign_up();
    let document = run.wait_for("done", SOON);
    assert_eq!(places(&document), ["done", "skipped", "failed"]);
    let failure = step(&document, "call-webhook")["failure"].clone();
    assert_eq!(failure, "the receiver answered 410: it wants no more");
    assert_eq!(mails::to(&newcomer.email).len(), 1);
    turns::eventually("it is a dead letter", SOON, || {
        steps::is_dead(&run, "call-webhook").then_some(())
    });
    assert_eq!(calls(Some(&run)).len(), 1, "it is not asked again");
}
