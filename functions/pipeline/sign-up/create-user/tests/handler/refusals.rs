//! Who is not let in, and what they are told.

use common::testing::json;
use serde_json::json;

use crate::support::{Trouble, event, event_with, header, stage, status_and_kind};

#[tokio::test]
async fn a_name_or_an_address_that_is_taken_is_refused_without_telling_which() {
    let stage = stage();
    stage.send(event!("http-create")).await;
    let name = stage.send(event!("http-create-same-name")).await;
    let address = stage.send(event!("http-create-same-address")).await;
    assert_eq!(status_and_kind(&name), (409, "taken".to_owned()));
    assert_eq!((json(&name), name.headers()), (json(&address), address.headers()));
    assert_eq!((stage.users.entries().len(), stage.journal.runs().len()), (1, 1));
}

#[tokio::test]
async fn nobody_becomes_an_operator_by_taking_their_name() {
    let stage = stage();
    for name in ["root", "ROOT"] {
        let body =
            json!({ "username": name, "email": "a@example.com", "password": "staple battery" });
        let event = event_with(event!("http-create"), |event| {
            event["body"] = body.to_string().into();
        });
        let answer = stage.send(&event).await;
        assert_eq!(status_and_kind(&answer), (409, "taken".to_owned()));
    }
    assert!(stage.users.entries().is_empty());
}

#[tokio::test]
async fn the_same_request_without_a_key_is_taken_the_second_time() {
    let stage = stage();
    assert_eq!(stage.send(event!("http-create")).await.status(), 201);
    assert_eq!(stage.send(event!("http-create")).await.status(), 409);
}

#[tokio::test]
async fn every_fault_is_told_at_once_and_nothing_is_repeated() {
    let stage = stage();
    let refused = stage.send(event!("http-create-invalid")).await;
    assert_eq!(status_and_kind(&refused), (422, "invalid-user".to_owned()));
    assert_eq!(
        json(&refused)["errors"],
        json!([
            { "pointer": "/username", "detail": "must not be empty" },
            { "pointer": "/email", "detail": "must be an e-mail address such as ada@example.com" },
            { "pointer": "/phone", "detail":
              "a telephone number is `+`, a country code and up to 15 digits in all (E.164)" },
            { "pointer": "/password", "detail": "is one of the passwords that are guessed first" },
            { "pointer": "/locale", "detail": "must be a language tag such as en or pt-BR" },
            { "pointer": "/role", "detail": "is not a member of a user" }
        ])
    );
    let told = String::from_utf8_lossy(refused.body().as_ref()).into_owned();
    assert!(!told.contains("password1") && !told.contains("admin"), "{told}");
    assert!(stage.users.entries().is_empty());
}

#[tokio::test]
async fn pages_of_other_sites_sign_nobody_up() {
    let stage = stage();
    let refused = stage.send(event!("http-create-cross-site")).await;
    assert_eq!(status_and_kind(&refused), (403, "cross-site".to_owned()));
    assert!(stage.users.entries().is_empty());
}

#[tokio::test]
async fn other_bodies_are_refused() {
    let stage = stage();
    let with_body =
        |body: &str| event_with(event!("http-create"), |event| event["body"] = json!(body));
    assert_eq!(stage.send(&with_body(&" ".repeat(16_385))).await.status(), 413);
    assert_eq!(stage.send(&with_body("{")).await.status(), 400);
    assert_eq!(stage.send(&with_body("[]")).await.status(), 422);
    let form = event_with(event!("http-create"), |event| {
        event["headers"]["content-type"] = json!("application/x-www-form-urlencoded");
    });
    assert_eq!(stage.send(&form).await.status(), 415);
}

#[tokio::test]
async fn there_is_one_resource_with_one_method() {
    let stage = stage();
    let refused = stage.send(event!("http-wrong-method")).await;
    assert_eq!(status_and_kind(&refused), (405, "method-not-allowed".to_owned()));
    assert_eq!(header(&refused, "allow"), "POST");
    for path in ["/", "/users/ada", "/user"] {
        let other = event_with(event!("http-create"), |event| event["rawPath"] = json!(path));
        assert_eq!(status_and_kind(&stage.send(&other).await), (404, "no-route".to_owned()));
    }
}

#[tokio::test]
async fn a_store_that_is_down_is_answered_for_without_its_secrets() {
    let stage = stage();
    stage.users.fail(Some(Trouble::IsDown));
    let failed = stage.send(event!("http-create")).await;
    assert_eq!(status_and_kind(&failed), (503, "store-unavailable".to_owned()));
    assert_eq!(header(&failed, "retry-after"), "1");
    assert!(!String::from_utf8_lossy(failed.body().as_ref()).contains("on fire"));
}
