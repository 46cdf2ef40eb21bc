//! The code is made while the person already looks at the page for it.

use serde_json::Value;

use crate::api::send;

use super::attempt::{Attempt, SOON, assert_refused};
use super::outbox;
use super::person::Person;
use super::queue::{self, waiting};
use super::turns;

#[test]
fn the_code_page_is_there_before_the_code_and_the_queue_knows_nobody() {
    let _turn = turns::alone();
    let pause = queue::pause();
    let person = Person::new();
    let attempt = Attempt::start(&person);
    assert_eq!(attempt.status(), "requested");
    let page = send("GET", &attempt.path(), &[("accept", "text/html")], "");
    assert_eq!(page.status, 200);
    assert!(page.text.contains(r#"data-status="requested""#), "{}", page.text);
    assert_refused(&attempt.guess("123456"), 409, "code-not-ready");
    assert_eq!(attempt.document()["attemptsLeft"], 5, "there was nothing to guess");

    let messages = waiting();
    let [message] = &messages[..] else { panic!("one message: {messages:?}") };
    for secret in [&person.username, &person.password, &person.phone[1..]] {
        assert!(!message.contains(secret), "{message}");
    }
    let event: Value = serde_json::from_str(message).unwrap();
    assert_eq!(event["type"], "faas-patterns.code.requested");
    assert_eq!(event["id"], format!("{}-1", attempt.id));
    let data = event["data"].as_object().unwrap();
    assert_eq!((data.len(), &data["number"]), (2, &Value::from(1)));

    assert!(outbox::texts(&person.phone).is_empty());
    drop(pause);
    attempt.wait_for("sent", SOON);
    assert_eq!(attempt.guess(&attempt.code()).status, 200);
}
