//! The book's example, and what it leaves open.

use common::testing::json;
use serde_json::{Value, json};

use crate::server::{Server, answer_json};
use crate::support::{decorator, event, event_with, send};

async fn forwarded(event: &str) -> (u16, Option<Value>) {
    let server = Server::start(vec![answer_json("201 Created", "{\"id\":\"7\"}")]).await;
    let response = send(&decorator(&server.url), event).await;
    let body = server.received().first().map(|r| serde_json::from_slice(&r.body).unwrap());
    (response.status().as_u16(), body)
}

#[tokio::test]
async fn an_empty_object_gets_a_random_name_and_the_color_blue() {
    let server = Server::start(vec![answer_json("201 Created", "{\"id\":\"7\"}")]).await;
    let decorator = decorator(&server.url);
    let response = send(&decorator, event!("http-empty-object")).await;
    assert_eq!((response.status().as_u16(), json(&response)), (201, json!({ "id": "7" })));
    send(&decorator, event!("http-empty-object")).await;

    let received = server.received();
    let bodies: Vec<Value> =
        received.iter().map(|r| serde_json::from_slice(&r.body).unwrap()).collect();
    assert_eq!(received[0].line(), "POST /widgets HTTP/1.1");
    for body in &bodies {
        assert_eq!(body["color"], "blue");
        assert!(!body["name"].as_str().unwrap().is_empty());
        assert_eq!(body.as_object().unwrap().len(), 2);
    }
    assert_ne!(bodies[0]["name"], bodies[1]["name"], "names are random");
}

#[tokio::test]
async fn a_given_name_is_kept() {
    let (_, body) = forwarded(event!("http-name-given")).await;
    assert_eq!(body, Some(json!({ "name": "foo", "color": "blue" })));
}

#[tokio::test]
async fn null_counts_as_missing() {
    let (_, body) = forwarded(event!("http-null-is-missing")).await;
    let body = body.unwrap();
    assert!(body["name"].is_string());
    assert_eq!(body["color"], "blue");
}

#[tokio::test]
async fn a_missing_body_is_an_object_in_which_all_is_missing() {
    let (status, body) = forwarded(event!("http-no-body")).await;
    assert_eq!((status, &body.unwrap()["color"]), (201, &json!("blue")));
}

#[tokio::test]
async fn a_base64_body_is_read() {
    let (_, body) = forwarded(event!("http-base64-body")).await;
    assert_eq!(body, Some(json!({ "name": "foo", "color": "blue" })));
}

#[tokio::test]
async fn every_fault_is_reported_and_nothing_is_sent() {
    let server = Server::start(vec![answer_json("201 Created", "{}")]).await;
    let response = send(&decorator(&server.url), event!("http-invalid")).await;
    assert_eq!(response.status(), 422);
    let errors = json(&response)["errors"].clone();
    let pointers: Vec<_> =
        errors.as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/name", "/color", "/size"]);
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn faults_do_not_repeat_what_was_sent() {
    let server = Server::start(vec![answer_json("201 Created", "{}")]).await;
    let secret = event_with(event!("http-invalid"), |event| {
        event["body"] = json!("{\"name\":[\"hunter2\"]}");
    });
    let response = send(&decorator(&server.url), &secret).await;
    assert_eq!(response.status(), 422);
    assert!(!String::from_utf8_lossy(response.body().as_ref()).contains("hunter2"));
}

#[tokio::test]
async fn explain_says_what_was_filled_and_why() {
    let server = Server::start(vec![answer_json("201 Created", "{}")]).await;
    let decorator = decorator(&server.url);
    let response = send(&decorator, event!("http-explain")).await;
    assert_eq!(response.headers()["preference-applied"], "explain");
    assert_eq!(
        response.headers()["decorator-filled"],
        r#""/name";by="x-generate name", "/color";by="default""#
    );
    let plain = send(&decorator, event!("http-empty-object")).await;
    assert!(!plain.headers().contains_key("decorator-filled"));
}

#[tokio::test]
async fn a_dry_run_shows_the_request_and_sends_nothing() {
    let server = Server::start(vec![answer_json("201 Created", "{}")]).await;
    let response = send(&decorator(&server.url), event!("dry-run-empty-object")).await;
    let shown = json(&response);
    assert_eq!(response.status(), 200);
    assert_eq!(shown["route"], "POST /decorated/widgets");
    assert_eq!(shown["request"]["method"], "POST");
    assert_eq!(shown["request"]["url"], format!("{}/widgets", server.url));
    assert_eq!(shown["request"]["body"]["color"], "blue");
    assert_eq!(shown["filled"][1]["by"], "default");
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn the_same_key_fills_in_the_same_and_another_key_something_else() {
    let server = Server::start(vec![answer_json("201 Created", "{}")]).await;
    let decorator = decorator(&server.url);
    for key in ["a", "a", "b"] {
        let keyed = event_with(event!("http-empty-object"), |event| {
            event["headers"]["idempotency-key"] = json!(key);
        });
        send(&decorator, &keyed).await;
    }
    let bodies: Vec<_> = server.received().into_iter().map(|received| received.body).collect();
    assert_eq!(bodies[0], bodies[1], "a repeat is the same request to the upstream, too");
    assert_ne!(bodies[0], bodies[2]);
}

#[tokio::test]
async fn a_body_that_would_grow_without_bounds_is_refused() {
    let server = Server::start(vec![answer_json("201 Created", "{}")]).await;
    let member = json!({ "properties": { "a": { "default": "x" } } });
    let route = json!({ "request": { "schema": { "items": member } } });
    let many = event_with(event!("http-empty-object"), |event| {
        event["body"] = json!(json!(vec![json!({}); 10_001]).to_string());
    });
    let response = send(&crate::support::decorator_with(&server.url, route), &many).await;
    assert_eq!(response.status(), 422);
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn what_is_told_of_faults_is_bounded() {
    let server = Server::start(vec![answer_json("201 Created", "{}")]).await;
    let name = "n".repeat(50_000);
    let long = event_with(event!("http-explain"), |event| {
        event["body"] = json!(json!({ name: 1 }).to_string());
    });
    let response = send(&decorator(&server.url), &long).await;
    assert_eq!(response.status(), 422);
    assert!(response.body().as_ref().len() < 2_000);
}
