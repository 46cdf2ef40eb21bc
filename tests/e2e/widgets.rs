//! The widget API itself.

use std::collections::BTreeSet;
use std::thread;

use crate::api::{JSON, get, post, send, unique};

#[test]
fn twenty_requests_at_once_with_one_key_make_one_widget() {
    let key = unique("e2e");
    let name = unique("parallel");
    let body = format!(r#"{{"name":"{name}","color":"blue"}}"#);
    let answers: Vec<_> = thread::scope(|scope| {
        let send_one = || send("POST", "/widgets", &[JSON, ("idempotency-key", &key)], &body);
        let threads: Vec<_> = (0..20).map(|_| scope.spawn(send_one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut ids = BTreeSet::new();
    for answer in &answers {
        match answer.status {
            201 => {
                ids.insert(answer.json()["id"].as_str().unwrap().to_owned());
            }
            409 => assert!(answer.header("retry-after").is_some()),
            status => panic!("{status}: {}", answer.text),
        }
    }
    assert_eq!(ids.len(), 1, "all answers name one widget");
    assert_eq!(names_of_all().iter().filter(|found| **found == name).count(), 1);
}

fn names_of_all() -> Vec<String> {
    let mut names = Vec::new();
    let mut path = "/widgets?limit=100".to_owned();
    loop {
        let page = get(&path).json();
        let items = page["items"].as_array().unwrap();
        names.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => path = format!("/widgets?limit=100&cursor={next}"),
            None => return names,
        }
    }
}

#[test]
fn pages_hold_every_widget_once() {
    let name = unique("paged");
    for number in 0..7 {
        let body = format!(r#"{{"name":"{name}-{number}","color":"blue"}}"#);
        assert_eq!(post("/widgets", &body).status, 201);
    }
    let mut path = "/widgets?limit=3".to_owned();
    let mut found = Vec::new();
    loop {
        let answer = get(&path);
        let page = answer.json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 3);
        found.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        assert!(answer.header("link").unwrap().contains(next));
        path = format!("/widgets?limit=3&cursor={next}");
    }
    found.retain(|found| found.starts_with(&name));
    found.sort();
    let expected: Vec<_> = (0..7).map(|number| format!("{name}-{number}")).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_key_for_another_request_is_refused() {
    let key = unique("e2e");
    let headers = [JSON, ("idempotency-key", key.as_str())];
    assert_eq!(send("POST", "/widgets", &headers, r#"{"name":"a","color":"b"}"#).status, 201);
    assert_eq!(send("POST", "/widgets", &headers, r#"{"name":"c","color":"b"}"#).status, 422);
}

#[test]
fn the_api_itself_fills_nothing() {
    let refused = post("/widgets", "{}");
    assert_eq!(refused.status, 422);
    assert_eq!(refused.json()["errors"].as_array().unwrap().len(), 2);
}

#[test]
fn faulty_requests_have_their_problems() {
    assert_eq!(post("/widgets", "{").status, 400);
    assert_eq!(send("POST", "/widgets", &[("content-type", "text/plain")], "x").status, 415);
    assert_eq!(post("/widgets", &format!("\"{}\"", "x".repeat(17_000))).status, 413);
    assert_eq!(get("/widgets?limit=0").status, 400);
    assert_eq!(get("/widgets?cursor=7").status, 400);
    assert_eq!(get("/widgets/7").status, 404);
    let wrong = send("PUT", "/widgets", &[JSON], "{}");
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD, POST")));
}
