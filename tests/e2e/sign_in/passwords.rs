//! Wrong passwords, and names that nobody has.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::api::{Answer, JSON, post, send, unique};

use super::attempt::{assert_refused, log_in};
use super::outbox;
use super::person::Person;

/// All that an answer tells, without what differs from request to request.
fn said(answer: &Answer) -> (u16, Vec<String>, Value) {
    let mut body = answer.json();
    for own in ["requestId", "instance"] {
        body.as_object_mut().unwrap().remove(own);
    }
    let names = answer.head.headers().keys().map(ToString::to_string).collect();
    (answer.status, names, body)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[test]
fn a_wrong_password_and_an_unknown_name_get_the_same_answer_in_similar_time() {
    let person = Person::new();
    let timed = |username: &str| {
        let started = Instant::now();
        let answer = log_in(username, "wrong");
        (answer, started.elapsed())
    };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        let (wrong, took) = timed(&person.username);
        known.push(took);
        let (nobody, took) = timed(&unique("nobody"));
        unknown.push(took);
        assert_refused(&wrong, 401, "wrong-credentials");
        assert_eq!(said(&wrong), said(&nobody));
    }
    // Without the work of a hash, the one would take a small part of the other.
    let (known, unknown) = (median(known), median(unknown));
    assert!(known < unknown * 2 && unknown < known * 2, "{known:?} and {unknown:?}");
    assert!(outbox::texts(&person.phone).is_empty());
}

#[test]
fn what_is_no_name_and_password_is_refused() {
    assert_refused(&post("/login", "{"), 400, "not-json");
    let incomplete = post("/login", r#"{"username":""}"#);
    assert_refused(&incomplete, 422, "invalid-sign-in");
    let pointers: Vec<String> = incomplete.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(pointers, ["/username", "/password"]);
    let typed = send("POST", "/login", &[("content-type", "text/plain")], "username=a&password=b");
    assert_eq!(typed.status, 415, "{}", typed.text);
    let long = format!(r#"{{"username":"a","password":"{}"}}"#, "x".repeat(20_000));
    assert_eq!(send("POST", "/login", &[JSON], &long).status, 413);
}
