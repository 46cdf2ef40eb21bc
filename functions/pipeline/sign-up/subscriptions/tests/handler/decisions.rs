//! What links do, and what they must not.

use common::testing::json;
use serde_json::json;
use subscriptions::State;

use crate::support::{ada, at, by_a_program, event, event_with, key, stage, status_and_kind};

#[tokio::test]
async fn who_confirms_is_subscribed_however_often() {
    let stage = stage();
    stage.ask().await;
    for event in [event!("http-confirm"), event!("http-confirm"), event!("http-confirm-form")] {
        assert_eq!(stage.send(event).await.status(), 200);
        assert_eq!(stage.state(), Some(State::Confirmed));
    }
    assert_eq!(stage.store.writes(), 2, "asked and confirmed");
    let answer = json(&stage.send(event!("http-confirm")).await);
    assert_eq!(answer, json!({ "email": "a***@example.com", "state": "confirmed" }));
}

#[tokio::test]
async fn looking_changes_nothing() {
    let stage = stage();
    stage.ask().await;
    for event in [event!("http-confirm-page"), event!("http-unsubscribe-page")] {
        for method in ["GET", "HEAD"] {
            let look = event_with(event, |event| {
                event["requestContext"]["http"]["method"] = json!(method);
            });
            assert_eq!(stage.send(&look).await.status(), 200);
        }
    }
    assert_eq!((stage.state(), stage.store.writes()), (Some(State::Pending), 1));
}

#[tokio::test]
async fn who_unsubscribes_gets_no_mails_and_is_forgotten() {
    let stage = stage();
    stage.ask().await;
    stage.send(event!("http-confirm")).await;
    assert_eq!(stage.send(event!("http-unsubscribe-form")).await.status(), 200);
    assert_eq!(stage.state(), Some(State::Unsubscribed));
    assert_eq!(stage.record().unwrap().subscriber, None);
}

#[tokio::test]
async fn mail_providers_unsubscribe_with_one_click_from_wherever_they_are() {
    let stage = stage();
    for _ in 0..2 {
        let answer = stage.send(event!("http-one-click")).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(json(&answer)["state"], "unsubscribed");
    }
    assert_eq!(stage.state(), Some(State::Unsubscribed), "known or not");
    let parts = event_with(event!("http-one-click"), |event| {
        event["headers"]["content-type"] = json!("multipart/form-data; boundary=b");
        event["isBase64Encoded"] = json!(false);
        event["body"] = json!(
            "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--"
        );
    });
    assert_eq!(stage.send(&parts).await.status(), 200);
}

#[tokio::test]
async fn an_older_link_takes_an_unsubscription_back_for_nobody() {
    let stage = stage();
    stage.ask().await;
    stage.send(event!("http-one-click")).await;
    let answer = stage.send(event!("http-confirm")).await;
    assert_eq!(status_and_kind(&answer), (410, "link-expired".into()));
    assert_eq!(stage.state(), Some(State::Unsubscribed));
}

#[tokio::test]
async fn pages_of_other_sites_decide_nothing() {
    let stage = stage();
    stage.ask().await;
    let confirm = by_a_program(event!("http-confirm-cross-site"));
    assert_eq!(status_and_kind(&stage.send(&confirm).await), (403, "cross-site".into()));
    // Not even with the words of a mail provider, which only unsubscribe.
    let confirm = event_with(&confirm, |event| {
        event["body"] = json!("List-Unsubscribe=One-Click");
    });
    assert_eq!(stage.send(&confirm).await.status(), 403);
    assert_eq!(stage.state(), Some(State::Pending));
}

#[tokio::test]
async fn links_end_with_their_last_second() {
    const WEEK: u64 = 7 * 24 * 3_600;
    let stage = stage();
    stage.ask().await;
    let late = stage.send_at(event!("http-confirm"), at(WEEK + 1)).await;
    assert_eq!(status_and_kind(&late), (410, "link-expired".into()));
    assert_eq!(stage.state(), Some(State::Pending));
    assert_eq!(stage.send_at(event!("http-confirm"), at(WEEK)).await.status(), 200);
    let expired = stage.send(&by_a_program(event!("http-expired"))).await;
    assert_eq!(status_and_kind(&expired), (410, "link-expired".into()));
}

#[tokio::test]
async fn a_link_does_nothing_but_what_it_is_for() {
    let stage = stage();
    stage.ask().await;
    for (purpose, of) in [("confirm", "unsubscribe"), ("unsubscribe", "confirm")] {
        let token = key().sign(of, ada().as_str(), at(60));
        let crossed = event_with(event!("http-confirm"), |event| {
            event["rawPath"] = json!(format!("/subscriptions/{purpose}/{token}"));
        });
        assert_eq!(status_and_kind(&stage.send(&crossed).await), (404, "no-link".into()));
    }
    assert_eq!(stage.state(), Some(State::Pending));
}

#[tokio::test]
async fn whom_nobody_asked_has_nothing_to_confirm() {
    let stage = stage();
    let answer = stage.send(event!("http-confirm")).await;
    assert_eq!(status_and_kind(&answer), (410, "link-expired".into()));
    assert_eq!(stage.state(), None);
}
