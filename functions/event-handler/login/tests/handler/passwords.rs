//! From the password to the challenge.

use common::testing::json;
use serde_json::json;
use sign_in::Delivery;

use crate::support::{at, event, event_with, header, rules, stage, status_and_kind};

#[tokio::test]
async fn the_right_password_asks_for_a_code_and_waits_for_nothing() {
    let stage = stage();
    let begun = stage.send(event!("http-sign-in")).await;
    assert_eq!(begun.status(), 202);
    let document = json(&begun);
    let challenge = document["challenge"].as_str().unwrap();
    assert_eq!(header(&begun, "location"), format!("/login/{challenge}"));
    assert_eq!(
        document,
        json!({
            "challenge": challenge, "status": "requested", "sentTo": "******23",
            "expiresAt": "2026-03-01T12:10:00.000Z", "resendAt": "2026-03-01T12:00:30.000Z",
            "attemptsLeft": 5, "codesLeft": 2
        })
    );
    let stored = stage.store.challenge(challenge.parse().unwrap()).unwrap();
    assert_eq!((stored.delivery, stored.code), (Delivery::Requested, None), "no code is made here");
    let asked = stage.queue.asked();
    assert_eq!((asked.len(), asked[0].data.number), (1, 1));
    assert_eq!(asked[0].data.challenge, challenge);
}

#[tokio::test]
async fn the_message_holds_nothing_personal() {
    let stage = stage();
    stage.send(event!("http-sign-in")).await;
    let message = serde_json::to_string(&stage.queue.asked()[0]).unwrap();
    for personal in ["Ada", "ada", "555", "correct", "203.0.113"] {
        assert!(!message.contains(personal), "{message}");
    }
}

#[tokio::test]
async fn the_callers_trace_goes_on_in_the_message() {
    let stage = stage();
    let traced = event_with(event!("http-sign-in"), |event| {
        event["headers"]["traceparent"] =
            json!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    });
    stage.send(&traced).await;
    stage.send(event!("http-sign-in")).await;
    let asked = stage.queue.asked();
    let traces: Vec<String> = asked.iter().map(|e| e.traceparent.unwrap().to_string()).collect();
    assert!(traces[0].starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"));
    assert!(!traces[0].contains("00f067aa0ba902b7") && !traces[1].contains("4bf92f35"));
}

#[tokio::test]
async fn unknown_users_and_wrong_passwords_get_the_same_answer() {
    let stage = stage();
    let wrong = stage.send(event!("http-sign-in-wrong-password")).await;
    let unknown = stage.send(event!("http-sign-in-unknown-user")).await;
    assert_eq!(status_and_kind(&wrong), (401, "wrong-credentials".into()));
    assert_eq!(json(&wrong), json(&unknown));
    assert_eq!(wrong.headers(), unknown.headers());
    assert!(stage.queue.asked().is_empty() && stage.store.challenges().is_empty());
}

#[tokio::test]
async fn a_name_is_spelled_in_any_case() {
    let stage = stage();
    let shouted = event_with(event!("http-sign-in"), |event| {
        event["body"] = json!(r#"{"username":" ADA ","password":"correct horse battery staple"}"#);
    });
    assert_eq!(stage.send(&shouted).await.status(), 202);
}

#[tokio::test]
async fn wrong_passwords_of_a_user_are_limited_from_any_address() {
    let stage = stage();
    let wrong = |address: u32| {
        event_with(event!("http-sign-in-wrong-password"), |event| {
            event["requestContext"]["http"]["sourceIp"] = json!(format!("203.0.113.{address}"));
        })
    };
    for address in 0..4 {
        assert_eq!(stage.send(&wrong(address)).await.status(), 401);
    }
    let limited = stage.send(&wrong(9)).await;
    assert_eq!(status_and_kind(&limited), (429, "too-many-attempts".into()));
    assert_eq!(header(&limited, "retry-after"), "3600");
    let right = stage.send(event!("http-sign-in")).await;
    assert_eq!(right.status(), 429, "also with the right password");
    assert!(stage.queue.asked().is_empty());
    let next_hour = stage.send_at(event!("http-sign-in"), at(3600)).await;
    assert_eq!(next_hour.status(), 202);
}

#[tokio::test]
async fn wrong_passwords_from_an_address_are_limited_for_any_user() {
    let stage = stage();
    let guess = |user: usize| {
        event_with(event!("http-sign-in-unknown-user"), |event| {
            event["body"] = json!(format!(r#"{{"username":"user{user}","password":"x"}}"#));
        })
    };
    for user in 0..6 {
        assert_eq!(stage.send(&guess(user)).await.status(), 401);
    }
    assert_eq!(status_and_kind(&stage.send(&guess(7)).await), (429, "too-many-attempts".into()));
}

#[tokio::test]
async fn codes_of_a_user_are_limited() {
    let stage = stage();
    for _ in 0..rules().max_codes_per_user {
        assert_eq!(stage.send(event!("http-sign-in")).await.status(), 202);
    }
    let limited = stage.send_at(event!("http-sign-in"), at(60)).await;
    assert_eq!(status_and_kind(&limited), (429, "too-many-attempts".into()));
    assert_eq!(header(&limited, "retry-after"), "3540");
    assert_eq!(stage.queue.asked().len(), 3);
}

#[tokio::test]
async fn codes_asked_for_from_an_address_are_limited() {
    let mut rules = rules();
    (rules.max_codes_per_user, rules.max_codes_per_address) = (9, 2);
    let store = sign_in::memory::MemoryStore::default();
    let stage = crate::support::Stage::new(rules, store.clone(), store);
    for _ in 0..2 {
        assert_eq!(stage.send(event!("http-sign-in")).await.status(), 202);
    }
    assert_eq!(stage.send(event!("http-sign-in")).await.status(), 429);
    let elsewhere = event_with(event!("http-sign-in"), |event| {
        event["requestContext"]["http"]["sourceIp"] = json!("198.51.100.1");
    });
    assert_eq!(stage.send(&elsewhere).await.status(), 202);
}

#[tokio::test]
async fn an_address_whose_codes_are_used_up_learns_nothing_of_passwords() {
    let mut rules = rules();
    (rules.max_codes_per_user, rules.max_codes_per_address) = (9, 1);
    let store = sign_in::memory::MemoryStore::default();
    let stage = crate::support::Stage::new(rules, store.clone(), store);
    assert_eq!(stage.send(event!("http-sign-in")).await.status(), 202);
    let right = stage.send(event!("http-sign-in")).await;
    let wrong = stage.send(event!("http-sign-in-wrong-password")).await;
    assert_eq!(status_and_kind(&right), (429, "too-many-attempts".into()));
    assert_eq!(json(&right), json(&wrong));
}

#[tokio::test]
async fn a_user_whose_codes_are_used_up_is_not_told_apart_from_nobody() {
    let stage = stage();
    for _ in 0..rules().max_codes_per_user {
        stage.send(event!("http-sign-in")).await;
    }
    let wrong = stage.send(event!("http-sign-in-wrong-password")).await;
    let unknown = stage.send(event!("http-sign-in-unknown-user")).await;
    assert_eq!(json(&wrong), json(&unknown));
}

#[tokio::test]
async fn a_forged_address_is_nobodys() {
    let stage = stage();
    for forged in 0..9 {
        let event = event_with(event!("http-sign-in-unknown-user"), |event| {
            event["headers"]["x-forwarded-for"] = json!(format!("198.51.100.{forged}"));
            event["body"] = json!(format!(r#"{{"username":"user{forged}","password":"x"}}"#));
        });
        let status = stage.send(&event).await.status();
        assert_eq!(status, if forged < 6 { 401 } else { 429 });
    }
}

#[tokio::test]
async fn faults_are_named_and_cost_no_attempt() {
    let stage = stage();
    for _ in 0..20 {
        let refused = stage.send(event!("http-sign-in-invalid")).await;
        assert_eq!(status_and_kind(&refused), (422, "invalid-sign-in".into()));
        assert_eq!(json(&refused)["errors"].as_array().unwrap().len(), 2);
    }
    assert_eq!(stage.send(event!("http-sign-in")).await.status(), 202);
}

#[tokio::test]
async fn a_queue_that_is_down_is_answered_for() {
    let stage = stage();
    stage.queue.break_down();
    let failed = stage.send(event!("http-sign-in")).await;
    assert_eq!(status_and_kind(&failed), (503, "store-unavailable".into()));
    assert_eq!(header(&failed, "retry-after"), "1");
    assert!(!crate::support::text(&failed).contains("on fire"));
}

#[tokio::test]
async fn other_sites_sign_nobody_in() {
    let refused = stage().send(event!("http-sign-in-cross-site")).await;
    assert_eq!(refused.status(), 403);
    assert!(!refused.headers().contains_key("set-cookie"));
}
