//! Sessions, from the first answer to the last.

use common::testing::json;
use serde_json::json;

use crate::support::{Stage, at, event, event_with, header, stage, status_and_kind, text};

async fn signed_in() -> (Stage, String) {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    let body = json(&stage.send(event!("http-code")).await);
    let token = body["token"].as_str().unwrap().to_owned();
    (stage, token)
}

fn with_token(event: &str, token: &str) -> String {
    event_with(event, |event| event["headers"]["authorization"] = json!(format!("Bearer {token}")))
}

fn with_cookie(event: &str, cookie: &str) -> String {
    event_with(event, |event| {
        event["headers"].as_object_mut().unwrap().remove("authorization");
        event["cookies"] = json!(["theme=dark", cookie]);
    })
}

#[tokio::test]
async fn a_session_is_known_by_cookie_and_by_token() {
    let (stage, token) = signed_in().await;
    let cookie = format!("__Host-session={token}");
    for event in [with_token(event!("http-me"), &token), with_cookie(event!("http-me"), &cookie)] {
        let me = stage.send(&event).await;
        assert_eq!(
            json(&me),
            json!({ "username": "Ada", "expiresAt": "2026-03-01T13:00:00.000Z" })
        );
    }
}

#[tokio::test]
async fn without_a_session_nobody_is_signed_in() {
    let (stage, token) = signed_in().await;
    let refused = stage.send(event!("http-me")).await;
    assert_eq!(status_and_kind(&refused), (401, "not-signed-in".into()));
    assert_eq!(header(&refused, "www-authenticate"), "Bearer");
    let plain = with_cookie(event!("http-me"), &format!("session={token}"));
    assert_eq!(stage.send(&plain).await.status(), 401, "a cookie that any host could set");
}

#[tokio::test]
async fn a_session_ends_by_its_time_whether_or_not_it_was_deleted() {
    let (stage, token) = signed_in().await;
    let me = with_token(event!("http-me"), &token);
    assert_eq!(stage.send_at(&me, at(3_599)).await.status(), 200);
    assert_eq!(stage.send_at(&me, at(3_600)).await.status(), 401);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_the_cookie() {
    let (stage, token) = signed_in().await;
    let out = stage.send(&with_token(event!("http-logout"), &token)).await;
    assert_eq!(out.status(), 204);
    let cookie = header(&out, "set-cookie");
    assert_eq!(cookie, "__Host-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
    assert_eq!(stage.send(&with_token(event!("http-me"), &token)).await.status(), 401);
    assert_eq!(stage.send(&with_token(event!("http-logout"), &token)).await.status(), 204);
}

#[tokio::test]
async fn other_sites_sign_nobody_out() {
    let (stage, token) = signed_in().await;
    let forged = event_with(&with_token(event!("http-logout"), &token), |event| {
        event["headers"]["sec-fetch-site"] = json!("cross-site");
    });
    assert_eq!(status_and_kind(&stage.send(&forged).await), (403, "cross-site".into()));
    assert_eq!(stage.send(&with_token(event!("http-me"), &token)).await.status(), 200);
}

#[tokio::test]
async fn over_plain_http_the_cookie_is_a_plain_one() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    let over_http = event_with(event!("http-code"), |event| {
        event["headers"]["x-forwarded-proto"] = json!("http");
    });
    let cookie = header(&stage.send(&over_http).await, "set-cookie");
    assert!(cookie.starts_with("session=") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn what_is_stored_of_a_session_opens_none() {
    let (stage, token) = signed_in().await;
    let digest = sign_in::Token::parse(&token).unwrap().digest();
    let stolen = with_token(event!("http-me"), digest.as_str());
    assert_eq!(stage.send(&stolen).await.status(), 401);
}

#[tokio::test]
async fn other_methods_and_paths_are_refused() {
    let stage = stage();
    let send = |method: &'static str, path: &'static str| {
        event_with(event!("http-me"), |event| {
            event["requestContext"]["http"]["method"] = json!(method);
            event["rawPath"] = json!(path);
        })
    };
    for (method, path, allow) in [
        ("DELETE", "/login", "GET, HEAD, POST"),
        ("POST", "/me", "GET, HEAD"),
        ("GET", "/logout", "POST"),
        ("PUT", "/login/7", "GET, HEAD"),
        ("GET", "/login/7/code", "POST"),
    ] {
        let refused = stage.send(&send(method, path)).await;
        assert_eq!((refused.status().as_u16(), header(&refused, "allow")), (405, allow.to_owned()));
    }
    assert_eq!(stage.send(&send("GET", "/login/7/x")).await.status(), 404);
    let head = stage.send(&send("HEAD", "/login")).await;
    assert_eq!((head.status().as_u16(), text(&head).as_str()), (200, ""));
}
