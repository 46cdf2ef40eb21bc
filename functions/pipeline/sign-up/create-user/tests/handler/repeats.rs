//! The same request twice: one user, one run, one answer.

use std::time::Duration;

use common::idempotency::{EffectId, Fingerprint, Record, RecordId, State, Store as _};
use common::testing::json;
use serde_json::json;

use crate::support::{Stage, Trouble, at, event, event_with, header, stage, status_and_kind};

/// The one idempotency record, as another attempt sees it.
async fn record(stage: &Stage) -> Record {
    let key = "8e03978e-40d5-43dd-bc93-6894a57f9324".parse().unwrap();
    let token = EffectId::from_bits(1);
    let probe = Record {
        id: RecordId::new("POST /users", &key),
        fingerprint: Fingerprint::of(&[]),
        effect: token,
        owner: token,
        state: State::InProgress { lease_ends: at(9) },
        expires: at(9),
    };
    stage.records.insert(&probe, at(0)).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer() {
    let stage = stage();
    let first = stage.send(event!("http-create-idempotent")).await;
    assert_eq!(first.status(), 201);
    assert!(!first.headers().contains_key("idempotency-replayed"));
    let second = stage.send(event!("http-create-idempotent")).await;
    assert_eq!((second.status().as_u16(), json(&second)), (201, json(&first)));
    assert_eq!(header(&second, "idempotency-replayed"), "true");
    for name in ["location", "link"] {
        assert_eq!(header(&second, name), header(&first, name));
    }
    assert_eq!((stage.users.entries().len(), stage.journal.runs().len()), (1, 1));
}

#[tokio::test]
async fn what_is_kept_of_a_request_holds_neither_address_number_nor_password() {
    let stage = stage();
    stage.send(event!("http-create-idempotent")).await;
    let State::Completed { result } = record(&stage).await.state else { panic!("not completed") };
    let run = stage.users.entries()[0].run.id.to_string();
    let kept: serde_json::Value = serde_json::from_str(&result).unwrap();
    assert_eq!(kept, json!({ "username": "Ada", "run": run }));
}

#[tokio::test]
async fn an_attempt_whose_answer_was_lost_is_taken_up_with_its_own_user_and_run() {
    let stage = stage();
    stage.users.fail(Some(Trouble::LosesAnswers));
    assert_eq!(stage.send(event!("http-create-idempotent")).await.status(), 503);
    let before = stage.users.entries();
    assert_eq!(before.len(), 1);
    stage.users.fail(None);
    let repeated = stage.send(event!("http-create-idempotent")).await;
    assert_eq!(repeated.status(), 201, "its own name is not taken");
    assert_eq!(json(&repeated)["run"], before[0].run.id.to_string());
    assert_eq!(stage.users.entries(), before, "and the first hash stays");
    assert_eq!(stage.journal.runs().len(), 1);
}

#[tokio::test]
async fn an_attempt_that_wrote_nothing_is_taken_up() {
    let stage = stage();
    stage.users.fail(Some(Trouble::IsDown));
    assert_eq!(stage.send(event!("http-create-idempotent")).await.status(), 503);
    stage.users.fail(None);
    assert_eq!(stage.send(event!("http-create-idempotent")).await.status(), 201);
    assert_eq!(stage.users.entries().len(), 1);
}

#[tokio::test]
async fn a_key_is_for_one_request_the_password_included() {
    let stage = stage();
    stage.send(event!("http-create-idempotent")).await;
    let other = stage.send(event!("http-create-same-key-other-password")).await;
    assert_eq!(status_and_kind(&other), (422, "idempotency-key-reused".to_owned()));
}

#[tokio::test]
async fn neither_faults_nor_a_taken_name_use_a_key_up() {
    let stage = stage();
    let faulty = event_with(event!("http-create-idempotent"), |event| event["body"] = json!("{}"));
    assert_eq!(stage.send(&faulty).await.status(), 422);
    stage.send(event!("http-create")).await;
    let taken = stage.send(event!("http-create-idempotent")).await;
    assert_eq!(status_and_kind(&taken), (409, "taken".to_owned()));
    let another = event_with(event!("http-create-idempotent"), |event| {
        event["body"] =
            json!(r#"{"username":"bob","email":"bob@example.com","password":"staple battery"}"#);
    });
    assert_eq!(stage.send(&another).await.status(), 201, "the key is free for another request");
}

#[tokio::test]
async fn a_request_in_progress_says_when_to_come_back() {
    let stage = stage();
    stage.users.fail(Some(Trouble::IsDown));
    stage.send(event!("http-create-idempotent")).await;
    stage.users.fail(None);
    let found = record(&stage).await;
    let lease_ends = at(0) + Duration::from_secs(5);
    let leased = Record { state: State::InProgress { lease_ends }, ..found };
    assert!(stage.records.replace(&leased, leased.owner).await.unwrap());
    let refused = stage.send(event!("http-create-idempotent")).await;
    assert_eq!(status_and_kind(&refused), (409, "request-in-progress".to_owned()));
    assert_eq!(header(&refused, "retry-after"), "5");
    assert_eq!(stage.send_at(event!("http-create-idempotent"), at(5)).await.status(), 201);
}

#[tokio::test]
async fn malformed_keys_are_refused() {
    let stage = stage();
    let refused = stage.send(event!("http-create-bad-key")).await;
    assert_eq!(status_and_kind(&refused), (400, "invalid-idempotency-key".to_owned()));
    assert!(stage.users.entries().is_empty());
}
