//! What people and programs are told.

use common::testing::json;
use serde_json::json;

use crate::support::{broken, by_a_program, event, event_with, stage, status_and_kind, text};

#[tokio::test]
async fn a_link_leads_to_a_form_that_says_what_it_does_and_to_whom() {
    for (event, title) in [
        (event!("http-confirm-page"), "Confirm your subscription"),
        (event!("http-unsubscribe-page"), "Unsubscribe"),
    ] {
        let page = stage().send(event).await;
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
        let html = text(&page);
        let path = json_path(event);
        for part in [
            r#"<html lang="en">"#.to_owned(),
            format!("<h1>{title}</h1>"),
            "<strong>a***@example.com</strong>".to_owned(),
            format!(r#"<form id="decide" method="post" action="{path}">"#),
        ] {
            assert!(html.contains(&part), "{part} is not in {html}");
        }
        assert!(!html.contains("ada@example.com"), "{html}");
        let answer = json(&stage().send(&by_a_program(event)).await);
        assert_eq!(answer["email"], "a***@example.com");
    }
}

fn json_path(event: &str) -> String {
    let event: serde_json::Value = serde_json::from_str(event).unwrap();
    event["rawPath"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_form_leads_to_a_page_that_tells_how_it_stands() {
    let stage = stage();
    stage.ask().await;
    for (event, title, state) in [
        (event!("http-confirm-form"), "You are subscribed", "confirmed"),
        (event!("http-unsubscribe-form"), "You are unsubscribed", "unsubscribed"),
    ] {
        let html = text(&stage.send(event).await);
        assert!(html.contains(&format!("<h1>{title}</h1>")), "{html}");
        assert!(html.contains(&format!("data-state=\"{state}\"")), "{html}");
    }
}

#[tokio::test]
async fn what_goes_wrong_is_a_page_for_people_and_json_for_programs() {
    for (event, status, kind, title) in [
        (event!("http-malformed"), 404, "no-link", "This link is not valid"),
        (event!("http-expired"), 410, "link-expired", "This link is no longer valid"),
        (event!("http-confirm-cross-site"), 403, "cross-site", "Requests from pages of other"),
    ] {
        let page = stage().send(event).await;
        let html = text(&page);
        assert_eq!(page.status(), status);
        assert!(html.contains(r#"role="alert""#) && html.contains(title), "{html}");
        let answer = stage().send(&by_a_program(event)).await;
        assert_eq!(status_and_kind(&answer), (status, kind.to_owned()));
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_asked_again_later() {
    let stage = broken();
    for event in [event!("http-confirm"), event!("http-one-click")] {
        let answer = stage.send(event).await;
        assert_eq!(status_and_kind(&answer), (503, "store-unavailable".into()));
        assert_eq!(answer.headers()["retry-after"], "1");
        assert!(!text(&answer).contains("fire"));
    }
    assert_eq!(stage.send(event!("http-confirm-page")).await.status(), 200, "it asks no store");
}

#[tokio::test]
async fn other_paths_and_methods_are_told_what_there_is() {
    let answer = stage().send(event!("http-wrong-method")).await;
    assert_eq!(status_and_kind(&answer), (405, "method-not-allowed".into()));
    assert_eq!(answer.headers()["allow"], "GET, HEAD, POST");
    for path in ["", "/confirm", "/delete/x", "/confirm/x/y", "/assets/other.css"] {
        let event = event_with(&by_a_program(event!("http-style")), |event| {
            event["rawPath"] = json!(format!("/subscriptions{path}"));
        });
        let answer = stage().send(&event).await;
        let kind = if path == "/confirm/x" { "no-link" } else { "no-route" };
        assert_eq!(status_and_kind(&answer), (404, kind.to_owned()), "{path}");
    }
}

#[tokio::test]
async fn every_answer_is_protected() {
    let stage = stage();
    for event in [
        event!("http-confirm-page"),
        event!("http-unsubscribe-form"),
        event!("http-one-click"),
        event!("http-malformed"),
        event!("http-confirm-cross-site"),
        event!("http-style"),
    ] {
        let answer = stage.send(event).await;
        let header = |name| answer.headers()[name].to_str().unwrap();
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none';") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer", "a link is a secret");
        assert_eq!(header("cache-control") == "no-store", event != event!("http-style"));
    }
}

#[tokio::test]
async fn pages_have_no_script_or_style_of_their_own() {
    let stage = stage();
    stage.ask().await;
    for event in [
        event!("http-confirm-page"),
        event!("http-confirm-form"),
        event!("http-unsubscribe-page"),
        event!("http-malformed"),
    ] {
        let html = text(&stage.send(event).await);
        for inline in ["<style", " style=", "<script", " onclick", "javascript:"] {
            assert!(!html.contains(inline), "{inline} is in {html}");
        }
    }
}
