//! What a sign-up writes and answers.

use common::journal::{Pipeline, RunState, Standing};
use common::password;
use common::testing::json;
use serde_json::{Value, json};

use crate::support::{at, event, event_with, header, stage, stage_with};

#[tokio::test]
async fn a_user_is_written_with_a_run_that_is_ready_to_go_on() {
    let stage = stage();
    let created = stage.send(event!("http-create")).await;
    assert_eq!(created.status(), 201);
    let entries = stage.users.entries();
    let [entry] = entries.as_slice() else { panic!("one entry") };
    let run = &entry.run;
    assert_eq!(json(&created), json!({ "username": "Ada", "run": run.id.to_string() }));
    assert_eq!(header(&created, "location"), "/users/ada");
    assert_eq!(header(&created, "link"), format!("</runs/{}>; rel=\"monitor\"", run.id));
    assert_eq!(stage.journal.runs(), std::slice::from_ref(run));
    assert_eq!((run.state, run.created), (RunState::Running, at(0)));
    assert_eq!(entry.expires, at(90 * 86_400));
    let pipeline: Pipeline = create_user::PIPELINE.parse().unwrap();
    let ready: Vec<String> =
        Standing::of(&pipeline, run).ready().map(ToString::to_string).collect();
    assert_eq!(ready, ["email-user"], "and nobody was told but the journal");
}

#[tokio::test]
async fn a_run_knows_what_its_steps_need_and_no_password() {
    let stage = stage();
    stage.send(event!("http-create-newsletter")).await;
    let run = &stage.journal.runs()[0];
    let expected = json!({
        "username": "Ünal Ö", "email": "uenal@xn--bcher-kva.example", "phone": "+4915112345678",
        "locale": "de-AT", "newsletter": { "topics": ["rust"] }
    });
    assert_eq!(Value::Object(run.context.clone()), expected);
}

#[tokio::test]
async fn what_is_not_given_is_not_there() {
    let stage = stage();
    assert_eq!(stage.send(event!("http-create-least")).await.status(), 201);
    let run = &stage.journal.runs()[0];
    let expected = json!({ "username": "bob", "email": "bob@example.com", "locale": "en" });
    assert_eq!(Value::Object(run.context.clone()), expected);
}

#[tokio::test]
async fn a_configured_webhook_is_to_hear_of_the_user() {
    let stage = stage_with(true);
    stage.send(event!("http-create")).await;
    assert_eq!(stage.journal.runs()[0].context["webhook"], json!(true));
}

#[tokio::test]
async fn the_password_is_kept_as_a_hash_that_login_can_check() {
    let stage = stage();
    let decomposed = event_with(event!("http-create"), |event| {
        event["body"] = json!(
            r#"{"username":"Ada","email":"ada@example.com","password":"Scho\u0308nes Wort"}"#
        );
    });
    stage.send(&decomposed).await;
    let hash = stage.users.entries()[0].hash.clone();
    assert!(hash.starts_with("$argon2id$"));
    let typed = sign_in::user::composed("Schönes Wort");
    assert!(password::verify(&typed, Some(&hash)).unwrap());
    assert!(!password::verify("schönes wort", Some(&hash)).unwrap());
}

#[tokio::test]
async fn names_of_any_script_have_an_address() {
    let stage = stage();
    let created = stage.send(event!("http-create-newsletter")).await;
    assert_eq!(header(&created, "location"), "/users/%C3%BCnal%20%C3%B6");
}

#[tokio::test]
async fn runs_are_unguessable() {
    let stage = stage();
    for user in 0..5 {
        let event = event_with(event!("http-create"), |event| {
            let body = format!(
                r#"{{"username":"u{user}","email":"u{user}@example.com","password":"staple battery"}}"#
            );
            event["body"] = json!(body);
        });
        assert_eq!(stage.send(&event).await.status(), 201);
    }
    let mut heads: Vec<String> =
        stage.journal.runs().iter().map(|run| run.id.to_string()[..16].to_owned()).collect();
    heads.dedup();
    assert_eq!(heads.len(), 5);
}
