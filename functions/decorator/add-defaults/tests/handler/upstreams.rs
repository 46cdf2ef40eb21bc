//! Upstreams that fail, and ones that answer in unusual ways.

use std::time::Duration;

use common::testing::json;
use lambda_http::Body;
use serde_json::json;

use crate::server::{Act, Server, answer, answer_json};
use crate::support::{decorator_waiting, decorator_with, event, event_with, kind, send, send_with};

async fn outcome(acts: Vec<Act>, event: &str) -> (u16, String, usize) {
    outcome_within(30_000, acts, event).await
}

/// Status, kind of problem and number of requests, with an upstream that may take so long.
async fn outcome_within(timeout: u64, acts: Vec<Act>, event: &str) -> (u16, String, usize) {
    let server = Server::start(acts).await;
    let response = send(&decorator_waiting(&server.url, json!({}), timeout), event).await;
    let status = response.status().as_u16();
    let kind = if response
        .headers()
        .get("content-type")
        .is_some_and(|t| t == "application/problem+json")
    {
        kind(&response)
    } else {
        String::new()
    };
    (status, kind, server.received().len())
}

fn get() -> &'static str {
    event!("http-get")
}

fn post() -> &'static str {
    event!("http-name-given")
}

#[tokio::test]
async fn an_upstream_that_refuses_connections_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for event in [get(), post()] {
        let response = send(&decorator_with(&url, json!({})), event).await;
        let found = (response.status().as_u16(), kind(&response));
        assert_eq!(found, (502, "upstream-unreachable".into()));
        let text = String::from_utf8_lossy(response.body().as_ref()).into_owned();
        assert!(!text.contains("127.0.0.1"), "the answer names the upstream: {text}");
    }
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_unreachable() {
    let response = send(&decorator_with("http://upstream.invalid", json!({})), get()).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (502, "upstream-unreachable".into()));
}

#[tokio::test]
async fn a_slow_upstream_is_a_gateway_timeout() {
    assert_eq!(
        outcome_within(500, vec![Act::Stall], get()).await,
        (504, "upstream-timeout".into(), 1)
    );
    assert_eq!(
        outcome_within(500, vec![Act::Stall], post()).await,
        (504, "upstream-timeout".into(), 1)
    );
}

#[tokio::test]
async fn an_upstream_that_stalls_within_its_answer_is_a_gateway_timeout() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec();
    // Kept open: the rest never comes.
    assert_eq!(
        outcome_within(500, vec![Act::Answer(half)], get()).await,
        (504, "upstream-timeout".into(), 1)
    );
}

#[tokio::test]
async fn the_upstream_gets_no_longer_than_the_invocation_has() {
    let server = Server::start(vec![Act::Stall]).await;
    let decorator = decorator_with(&server.url, json!({}));
    // 250 ms are kept back to answer; nothing is left, so nothing is sent.
    let response = send_with(&decorator, get(), Duration::from_millis(250)).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (504, "upstream-timeout".into()));
    assert!(server.received().is_empty());
    let response = send_with(&decorator, get(), Duration::ZERO).await;
    assert_eq!(response.status(), 504);
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn an_upstream_that_outlasts_the_invocation_is_given_up_before_its_end() {
    let server = Server::start(vec![Act::Stall]).await;
    let decorator = decorator_with(&server.url, json!({}));
    // The upstream itself might take thirty seconds.
    let answer = send_with(&decorator, get(), Duration::from_millis(700));
    let response = tokio::time::timeout(Duration::from_secs(15), answer).await.unwrap();
    assert_eq!((response.status().as_u16(), kind(&response)), (504, "upstream-timeout".into()));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn what_breaks_off_is_sent_again_only_if_that_is_safe() {
    for broken in [
        Act::Close(Vec::new()),
        Act::Close(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec()),
        Act::Close(b"220 mail.example ESMTP\r\n".to_vec()),
    ] {
        let acts = vec![broken.clone(), answer_json("200 OK", "{}")];
        assert_eq!(outcome(acts.clone(), get()).await, (200, String::new(), 2), "{broken:?}");
        assert_eq!(
            outcome(acts, post()).await,
            (502, "upstream-broke-off".into(), 1),
            "{broken:?}"
        );
    }
}

#[tokio::test]
async fn attempts_end() {
    let acts = vec![Act::Close(Vec::new())];
    assert_eq!(outcome(acts, get()).await, (502, "upstream-broke-off".into(), 3));
}

#[tokio::test]
async fn an_unavailable_upstream_is_asked_again_only_if_that_is_safe() {
    let acts = vec![answer_json("503 Service Unavailable", "{}"), answer_json("200 OK", "{}")];
    assert_eq!(outcome(acts.clone(), get()).await.0, 200);
    assert_eq!(outcome(acts, post()).await, (503, String::new(), 1));
}

#[tokio::test]
async fn errors_of_the_upstream_are_its_own() {
    let server = Server::start(vec![answer_json("500 Internal Server Error", "{\"e\":1}")]).await;
    let response = send(&decorator_with(&server.url, json!({})), get()).await;
    assert_eq!((response.status().as_u16(), json(&response)), (500, json!({ "e": 1 })));
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn garbage_that_claims_to_be_json_is_a_bad_gateway_where_it_is_read() {
    let server = Server::start(vec![answer_json("200 OK", "{\"name\":")]).await;
    let route = json!({ "response": [{ "status": "any", "body": { "remove": ["/x"] } }] });
    let response = send(&decorator_with(&server.url, route), get()).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (502, "upstream-bad-answer".into()));
    let response = send(&decorator_with(&server.url, json!({})), get()).await;
    assert_eq!(response.status(), 200);
}

#[tokio::test]
async fn answers_without_a_body_have_none() {
    for status in ["204 No Content", "304 Not Modified"] {
        let bytes = format!("HTTP/1.1 {status}\r\netag: \"1\"\r\n\r\n").into_bytes();
        let server = Server::start(vec![Act::Answer(bytes)]).await;
        let route = json!({ "response": [{ "status": "any", "body": { "add": { "/x": 1 } } }] });
        let response = send(&decorator_with(&server.url, route), get()).await;
        assert_eq!(response.status().as_str(), &status[..3]);
        assert!(response.body().is_empty());
        assert_eq!(response.headers()["etag"], "\"1\"");
    }
}

#[tokio::test]
async fn redirects_are_for_the_client() {
    let other = Server::start(vec![answer_json("200 OK", "{}")]).await;
    let location = format!("location: {}/x\r\n", other.url);
    let server = Server::start(vec![answer("302 Found", &location, b"")]).await;
    let response = send(&decorator_with(&server.url, json!({})), get()).await;
    assert_eq!(response.status(), 302);
    assert!(response.headers()["location"].to_str().unwrap().ends_with("/x"));
    assert!(other.received().is_empty());
}

#[tokio::test]
async fn chunked_answers_are_put_together() {
    let bytes =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n\
        4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\n\r\n";
    let server = Server::start(vec![Act::Answer(bytes.to_vec())]).await;
    let response = send(&decorator_with(&server.url, json!({})), get()).await;
    assert_eq!(json(&response), json!({ "a": 1 }));
    assert!(!response.headers().contains_key("transfer-encoding"));
}

#[tokio::test]
async fn compressed_answers_pass_untouched_unless_they_must_be_read() {
    let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0];
    let headers = "content-type: application/json\r\ncontent-encoding: gzip\r\n";
    let server = Server::start(vec![answer("200 OK", headers, &gzip)]).await;
    let response = send(&decorator_with(&server.url, json!({})), get()).await;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    assert_eq!(response.body(), &Body::Binary(gzip.to_vec()));

    // A rule that hides something must not be skipped because the answer is compressed.
    let route = json!({ "response": [{ "status": "any", "body": { "remove": ["/secret"] } }] });
    let response = send(&decorator_with(&server.url, route), get()).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (502, "upstream-bad-answer".into()));
}

#[tokio::test]
async fn answers_that_do_not_fit_through_lambda_are_a_bad_gateway() {
    let mega = 1024 * 1024;
    for (body, fits) in [
        (vec![b'a'; 5 * mega], true),
        (vec![b'a'; 7 * mega], false),
        // Quotes take two bytes in the JSON that Lambda returns.
        (vec![b'"'; 4 * mega], false),
        // Not text, so it is returned in base64: four bytes for three.
        (vec![0xff; 4 * mega], true),
        (vec![0xff; 5 * mega], false),
    ] {
        let server = Server::start(vec![answer("200 OK", "", &body)]).await;
        let response = send(&decorator_with(&server.url, json!({})), get()).await;
        assert_eq!(response.status(), if fits { 200 } else { 502 }, "{} × {}", body.len(), body[0]);
    }
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let head = event_with(get(), |event| {
        event["requestContext"]["http"]["method"] = json!("HEAD");
    });
    let bytes = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n";
    let server = Server::start(vec![Act::Answer(bytes.to_vec())]).await;
    let response = send(&decorator_with(&server.url, json!({})), &head).await;
    assert_eq!((response.status().as_u16(), response.body().is_empty()), (200, true));
    assert!(server.received()[0].line().starts_with("HEAD /widgets/"));
}
