//! Queues deliver at least once, in any order, and what others put into them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::unique;
use crate::queues::Pause;

use super::newcomer::Newcomer;
use super::run::SOON;
use super::steps::{self, event, ready};
use super::turns::{self, eventually};
use super::{mails, webhooks};

/// Messages that are hopeless come back at once; one that fails with its batch waits for the
/// visibility timeout.
const GIVEN_UP: Duration = Duration::from_secs(90);

/// Waits until what was sent to the queues before has been looked at.
fn let_the_queues_run() {
    Newcomer::new().asking("newsletter", json!(1)).sign_up().wait_for("done", SOON);
    turns::a_while();
}

#[test]
fn copies_of_what_is_done_do_nothing() {
    let _turn = turns::shared();
    let newcomer = Newcomer::new().asking("newsletter", json!("weekly"));
    let run = newcomer.sign_up();
    let before = run.wait_for("done", SOON);
    for (step, _) in steps::FUNCTIONS {
        steps::queue(step).send(&vec![ready(&run.id, step); 10]);
    }
    let_the_queues_run();
    assert_eq!(run.document(), before);
    assert_eq!(mails::to(&newcomer.email).len(), 2);
    assert_eq!(webhooks::calls(Some(&run)).len(), 1);
}

#[test]
fn copies_at_once_do_a_step_once() {
    let _turn = turns::shared();
    let newcomer = Newcomer::new();
    let run = newcomer.sign_up();
    steps::queue("email-user").send(&vec![ready(&run.id, "email-user"); 20]);
    let document = run.wait_for("done", SOON);
    let_the_queues_run();
    assert_eq!(mails::to(&newcomer.email).len(), 1);
    assert_eq!(super::run::step(&document, "email-user")["attempts"], 1);
}

#[test]
fn a_step_that_comes_too_early_is_not_done() {
    let _turn = turns::alone();
    let pause = Pause::of("-email-user");
    let newcomer = Newcomer::new().asking("newsletter", json!(true));
    let run = newcomer.sign_up();
    steps::queue("subscribe-user").send(&[ready(&run.id, "subscribe-user")]);
    steps::queue("call-webhook").send(&[ready(&run.id, "call-webhook")]);
    turns::a_while();
    let document = run.document();
    assert_eq!(super::run::places(&document), ["ready", "blocked", "blocked"], "{document}");
    assert!(mails::to(&newcomer.email).is_empty() && webhooks::calls(Some(&run)).is_empty());

    let messages = steps::queue("email-user").waiting();
    let own: Vec<&String> = messages.iter().filter(|message| message.contains(&run.id)).collect();
    assert!(!own.is_empty(), "{messages:?}");
    for message in own {
        for secret in [&newcomer.email, &newcomer.person.username, &newcomer.person.phone] {
            assert!(!message.contains(secret), "{message}");
        }
        let message: Value = serde_json::from_str(message).unwrap();
        assert_eq!(message["data"], json!({ "run": run.id, "step": "email-user" }));
    }
    drop(pause);
    run.wait_for("done", SOON);
    assert_eq!(mails::to(&newcomer.email).len(), 2);
}

#[test]
fn messages_that_mean_nothing_end_among_the_dead_and_do_nothing() {
    let _turn = turns::shared();
    let mark = unique("foreign");
    let run = "0123456789abcdef0123456789abcdef";
    let changed = |member: &str, value: Value| {
        let mut event = event(run, "email-user");
        event["id"] = json!(mark);
        event[member] = value;
        event.to_string()
    };
    let foreign = [
        format!("{mark}: not JSON"),
        changed("subject", json!("of no run")),
        changed("type", json!("faas-patterns.something.else")),
        changed("data", json!({ "run": 7 })),
        changed("data", json!({ "run": "7", "step": "email-user" })),
    ];
    let newcomer = Newcomer::new();
    let queue = steps::queue("email-user");
    queue.send(&foreign);
    newcomer.sign_up().wait_for("done", SOON);
    eventually("they are dead letters", GIVEN_UP, || {
        let dead = steps::letters("email-user");
        foreign.iter().all(|message| dead.contains(message)).then_some(())
    });
    assert_eq!(mails::to(&newcomer.email).len(), 1);
}
