//! From the challenge to the session.

use common::testing::json;
use serde_json::json;
use sign_in::ports::SignIns as _;
use sign_in::{Delivery, Reason, Refusal};

use crate::support::{CHALLENGE, Stage, at, event, event_with, header, stage, status_and_kind};

fn guess(code: &str) -> String {
    event_with(event!("http-code"), |event| {
        event["body"] = json!(json!({ "code": code }).to_string())
    })
}

async fn guessed(stage: &Stage, code: &str) -> (u16, String) {
    let response = stage.send(&guess(code)).await;
    match response.status().as_u16() {
        200 => (200, String::new()),
        _ => status_and_kind(&response),
    }
}

#[tokio::test]
async fn the_right_code_opens_a_session_once() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    let signed_in = stage.send(event!("http-code")).await;
    assert_eq!(signed_in.status(), 200);
    let body = json(&signed_in);
    assert_eq!(body["username"], "Ada");
    assert_eq!(body["expiresAt"], "2026-03-01T13:00:00.000Z");
    let token = body["token"].as_str().unwrap();
    assert_eq!(
        header(&signed_in, "set-cookie"),
        format!("__Host-session={token}; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure")
    );
    let replayed = guessed(&stage, "123456").await;
    assert_eq!(replayed, (404, "no-sign-in".into()));
    assert_eq!(stage.store.sessions(), 1);
}

#[tokio::test]
async fn a_code_that_is_entered_takes_its_weight_off_its_country() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    let before = stage.store.unconverted("1555");
    assert_eq!(stage.send(event!("http-code")).await.status(), 200);
    // The rules keep a country open at 20 percent: each code that is entered makes up for five.
    assert_eq!(before - stage.store.unconverted("1555"), 5);
    assert_eq!(stage.store.unconverted("49"), 0);
}

#[tokio::test]
async fn wrong_codes_use_up_attempts_and_then_the_right_one_is_too_late() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    for left in (0..5).rev() {
        let wrong = stage.send(&guess("000000")).await;
        assert_eq!(status_and_kind(&wrong), (401, "wrong-code".into()));
        assert_eq!(json(&wrong)["attemptsLeft"], left);
    }
    let late = stage.send(event!("http-code")).await;
    assert_eq!(status_and_kind(&late), (429, "too-many-guesses".into()));
    assert_eq!(header(&late, "retry-after"), "600");
    assert_eq!(stage.store.sessions(), 0);
}

#[tokio::test]
async fn what_is_no_code_takes_no_attempt() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    for _ in 0..9 {
        let refused = stage.send(event!("http-code-invalid")).await;
        assert_eq!(status_and_kind(&refused), (422, "invalid-code".into()));
    }
    assert_eq!(guessed(&stage, "123456").await.0, 200);
}

#[tokio::test]
async fn an_expired_code_is_refused_whether_or_not_it_was_deleted() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    let expired = stage.send_at(event!("http-code"), at(300)).await;
    assert_eq!(status_and_kind(&expired), (410, "code-expired".into()));
    let over = stage.send_at(event!("http-code"), at(600)).await;
    assert_eq!(status_and_kind(&over), (404, "no-sign-in".into()));
    assert_eq!(stage.store.sessions(), 0);
}

#[tokio::test]
async fn a_code_that_is_not_made_yet_cannot_be_guessed() {
    let stage = stage();
    stage.put(Delivery::Requested).await;
    let early = stage.send(event!("http-code")).await;
    assert_eq!(status_and_kind(&early), (409, "code-not-ready".into()));
    assert_eq!(header(&early, "retry-after"), "2");
}

#[tokio::test]
async fn what_a_limit_refused_is_told_with_its_reason_and_its_end() {
    let stage = stage();
    let until = Some(at(3_600));
    stage.put(Delivery::Refused(Refusal { reason: Reason::Phone, until })).await;
    for event in [event!("http-code"), event!("http-resend")] {
        let refused = stage.send_at(event, at(60)).await;
        assert_eq!(status_and_kind(&refused), (429, "code-refused".into()));
        assert_eq!(header(&refused, "retry-after"), "3540");
        assert_eq!(json(&refused)["reason"], "phone-limit");
    }
    assert_eq!(json(&stage.send(event!("http-status")).await)["reason"], "phone-limit");
}

#[tokio::test]
async fn a_country_that_is_not_served_is_told_so() {
    let stage = stage();
    let refusal = Refusal { reason: Reason::CountryNotServed, until: None };
    stage.put(Delivery::Refused(refusal)).await;
    for event in [event!("http-code"), event!("http-resend")] {
        let refused = stage.send(event).await;
        assert_eq!(status_and_kind(&refused), (403, "country-not-served".into()));
    }
}

#[tokio::test]
async fn unknown_challenges_are_not_found() {
    let stage = stage();
    for event in [event!("http-status"), event!("http-code"), event!("http-resend")] {
        assert_eq!(status_and_kind(&stage.send(event).await), (404, "no-sign-in".into()));
        let odd = event.replace(CHALLENGE, "7");
        assert_eq!(status_and_kind(&stage.send(&odd).await), (404, "no-sign-in".into()));
    }
}

#[tokio::test]
async fn a_resend_kills_the_old_code_and_asks_for_the_next() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    let resent = stage.send_at(event!("http-resend"), at(30)).await;
    assert_eq!(resent.status(), 202);
    let document = json(&resent);
    assert_eq!((&document["status"], &document["codesLeft"]), (&json!("requested"), &json!(1)));
    assert_eq!(document["resendAt"], "2026-03-01T12:01:00.000Z");
    assert_eq!(document["expiresAt"], "2026-03-01T12:10:00.000Z", "it gets no longer");
    assert_eq!(stage.queue.asked()[0].data.number, 2);
    assert_eq!(guessed(&stage, "123456").await, (409, "code-not-ready".into()));
}

#[tokio::test]
async fn a_resend_gives_no_attempts_back() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    for _ in 0..3 {
        stage.send(&guess("000000")).await;
    }
    let resent = stage.send_at(event!("http-resend"), at(30)).await;
    assert_eq!(json(&resent)["attemptsLeft"], 2);
}

#[tokio::test]
async fn resends_have_a_cooldown_and_a_number() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    let soon = stage.send_at(event!("http-resend"), at(10)).await;
    assert_eq!(status_and_kind(&soon), (429, "too-soon".into()));
    assert_eq!(header(&soon, "retry-after"), "20");
    for number in 1..3 {
        let resent = stage.send_at(event!("http-resend"), at(30 * number)).await;
        assert_eq!(resent.status(), 202);
    }
    let many = stage.send_at(event!("http-resend"), at(90)).await;
    assert_eq!(status_and_kind(&many), (429, "too-many-codes".into()));
    assert_eq!(header(&many, "retry-after"), "510");
    assert_eq!(stage.queue.asked().len(), 2);
}

#[tokio::test]
async fn no_code_is_asked_for_that_would_be_over_at_once() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    assert_eq!(stage.send_at(event!("http-resend"), at(540)).await.status(), 202);
    let stage = crate::support::stage();
    stage.challenge_with_code("123456").await;
    let late = stage.send_at(event!("http-resend"), at(541)).await;
    assert_eq!(status_and_kind(&late), (429, "too-many-codes".into()));
}

#[tokio::test]
async fn resends_count_as_codes_of_the_user() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    for _ in 0..3 {
        stage.send(event!("http-sign-in")).await;
    }
    let limited = stage.send_at(event!("http-resend"), at(30)).await;
    assert_eq!(status_and_kind(&limited), (429, "too-many-attempts".into()));
}

#[tokio::test]
async fn how_a_delivery_stands_is_told() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    let document = json(&stage.send_at(event!("http-status"), at(60)).await);
    assert_eq!((&document["status"], &document["codeExpiresIn"]), (&json!("sent"), &json!(240)));
    assert_eq!(document["codeExpiresAt"], "2026-03-01T12:05:00.000Z");
    let over = stage.send_at(event!("http-status"), at(600)).await;
    assert_eq!(over.status(), 404);
}

#[tokio::test]
async fn that_a_code_is_being_sent_is_nobodys_business() {
    let stage = stage();
    stage.put(Delivery::Sending { lease_ends: at(5) }).await;
    assert_eq!(json(&stage.send(event!("http-status")).await)["status"], "requested");
}

#[tokio::test]
async fn a_code_is_of_its_challenge_only() {
    let stage = stage();
    stage.challenge_with_code("123456").await;
    let begun = json(&stage.send(event!("http-sign-in")).await);
    let other = begun["challenge"].as_str().unwrap();
    let guess = event!("http-code").replace(CHALLENGE, other);
    assert_eq!(status_and_kind(&stage.send(&guess).await), (409, "code-not-ready".into()));
    let found = stage.store.find(CHALLENGE.parse().unwrap(), at(0)).await.unwrap();
    assert_eq!(found.unwrap().attempts, 0);
}
