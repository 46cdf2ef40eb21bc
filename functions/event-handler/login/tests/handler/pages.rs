//! What people see.

use sign_in::Delivery;

use crate::support::{CHALLENGE, at, event, event_with, header, stage, text};
use serde_json::json;

#[tokio::test]
async fn the_page_to_sign_in_on_has_its_form() {
    let page = stage().send(event!("http-page")).await;
    assert_eq!(page.status(), 200);
    assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
    let html = text(&page);
    for part in [
        r#"<html lang="en">"#,
        "<title>Sign in</title>",
        r#"<form id="sign-in" method="post" action="/login">"#,
        r#"autocomplete="username""#,
        r#"autocomplete="current-password""#,
        r#"<label for="username">"#,
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

#[tokio::test]
async fn a_form_leads_to_the_code_page_before_there_is_a_code() {
    let stage = stage();
    let begun = stage.send(event!("http-sign-in-form")).await;
    assert_eq!(begun.status(), 303);
    let path = header(&begun, "location");
    let page = event_with(event!("http-status-page"), |event| event["rawPath"] = json!(path));
    let page = text(&stage.send(&page).await);
    assert!(page.contains(r#"data-status="requested""#) && page.contains(r#"id="check-again""#));
    assert!(
        page.contains(r#"inputmode="numeric""#) && page.contains(r#"autocomplete="one-time-code""#)
    );
    let challenge = stage.store.challenges().pop().unwrap();
    assert!(challenge.code.is_none(), "the page is there before the code");
}

#[tokio::test]
async fn a_code_form_leads_to_the_signed_in_page() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    let done = stage.send(event!("http-code-form")).await;
    assert_eq!((done.status().as_u16(), header(&done, "location")), (303, "/me".to_owned()));
    let cookie = header(&done, "set-cookie").split(';').next().unwrap().to_owned();
    let me = event_with(event!("http-status-page"), |event| {
        event["rawPath"] = json!("/me");
        event["cookies"] = json!([cookie]);
    });
    let page = text(&stage.send(&me).await);
    assert!(page.contains("<h1>Signed in</h1>") && page.contains(r#"id="sign-out""#), "{page}");
}

#[tokio::test]
async fn a_problem_is_told_on_the_page_it_happened_on() {
    let stage = stage();
    let wrong = event_with(event!("http-sign-in-form"), |event| {
        event["body"] = json!("username=Ada&password=wrong");
        event["isBase64Encoded"] = json!(false);
    });
    let page = stage.send(&wrong).await;
    assert_eq!(page.status(), 401);
    let html = text(&page);
    assert!(html.contains(r#"role="alert""#) && html.contains("is wrong"), "{html}");
    assert!(html.contains(r#"value="Ada""#) && !html.contains(r#"value="wrong""#), "{html}");

    stage.challenge_with_code("654321").await;
    let page = stage.send(event!("http-code-form")).await;
    assert_eq!(page.status(), 401);
    let html = text(&page);
    assert!(html.contains("4 attempts are left") && html.contains(r#"id="enter-code""#), "{html}");
}

#[tokio::test]
async fn a_sign_in_that_is_over_leads_back_to_the_start() {
    let page = stage().send(event!("http-status-page")).await;
    assert_eq!(page.status(), 404);
    let html = text(&page);
    assert!(html.contains(r#"id="sign-in""#) && html.contains("This sign-in is over"), "{html}");
}

#[tokio::test]
async fn who_is_not_signed_in_is_led_to_sign_in() {
    let me = event_with(event!("http-status-page"), |event| event["rawPath"] = json!("/me"));
    let led = stage().send(&me).await;
    assert_eq!((led.status().as_u16(), header(&led, "location")), (303, "/login".to_owned()));
}

#[tokio::test]
async fn the_code_page_tells_how_the_delivery_stands() {
    for (delivery, said) in [
        (Delivery::Requested, "Your code is being made and sent."),
        (Delivery::Sent, "Your code was sent."),
        (Delivery::Failed, "Your code could not be sent."),
    ] {
        let stage = stage();
        stage.put(delivery).await;
        let html = text(&stage.send(event!("http-status-page")).await);
        assert!(html.contains(&format!("data-status=\"{}\"", delivery.word())), "{html}");
        assert!(html.contains(said) && html.contains("ends in <strong>23</strong>"), "{html}");
        assert!(html.contains(&format!("action=\"/login/{CHALLENGE}/resend\"")), "{html}");
    }
}

#[tokio::test]
async fn a_page_offers_only_what_can_help() {
    let refusal = sign_in::Refusal { reason: sign_in::Reason::Day, until: Some(at(60)) };
    let stage = stage();
    stage.put(Delivery::Refused(refusal)).await;
    let html = text(&stage.send(event!("http-status-page")).await);
    assert!(html.contains(r#"data-status="refused""#), "{html}");
    for part in ["id=\"enter-code\"", "id=\"resend\"", "valid for", "id=\"check-again\""] {
        assert!(!html.contains(part), "{part} is in {html}");
    }
}

#[tokio::test]
async fn used_up_attempts_end_the_page() {
    let stage = crate::support::stage();
    stage.challenge_with_code("654321").await;
    for _ in 0..5 {
        assert_eq!(stage.send(event!("http-code-form")).await.status(), 401);
    }
    let html = text(&stage.send(event!("http-code-form")).await);
    assert!(html.contains("too many wrong codes") && html.contains("href=\"/login\""), "{html}");
    assert!(!html.contains("id=\"enter-code\"") && !html.contains("id=\"resend\""), "{html}");
}

#[tokio::test]
async fn how_long_a_code_is_valid_is_told_once_there_is_one() {
    let stage = crate::support::stage();
    stage.put(Delivery::Requested).await;
    assert!(!text(&stage.send(event!("http-status-page")).await).contains("valid for"));
    let stage = crate::support::stage();
    stage.challenge_with_code("123456").await;
    assert!(text(&stage.send(event!("http-status-page")).await).contains("valid for 5 minutes"));
}

#[tokio::test]
async fn every_answer_is_protected() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    for event in [
        event!("http-page"),
        event!("http-status"),
        event!("http-status-page"),
        event!("http-sign-in-invalid"),
        event!("http-sign-in-cross-site"),
        event!("http-me"),
        event!("http-style"),
    ] {
        let answer = stage.send_at(event, at(1)).await;
        let policy = header(&answer, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
        let kept = header(&answer, "cache-control");
        let is_file = event == event!("http-style");
        assert_eq!(kept == "no-store", !is_file, "{kept}");
    }
}

#[tokio::test]
async fn pages_have_no_script_or_style_of_their_own() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    for event in [event!("http-page"), event!("http-status-page")] {
        let html = text(&stage.send(event).await);
        for inline in ["<style", " style=", " onclick", " onload", "javascript:"] {
            assert!(!html.contains(inline), "{inline} is in {html}");
        }
        assert_eq!(html.matches("<script").count(), html.matches("<script src=\"/").count());
    }
}
