//! Who is asked, and how often.

use common::signed::LinkKey;
use serde_json::json;
use subscriptions::State;
use subscriptions::ports::{Asks as _, Decisions as _};

use crate::support::{ada, at, event, key, stage, stage_with};

/// The subject of the link of this purpose in a text.
fn subject(key: &LinkKey, text: &str, purpose: &str) -> Option<String> {
    let start = format!("https://api.example/subscriptions/{purpose}/");
    let (_, rest) = text.split_once(&start)?;
    let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let token = rest.split(|c| !is_token(c)).next()?;
    key.verify(purpose, token, at(0)).ok()
}

#[tokio::test]
async fn who_wants_the_newsletter_is_asked_to_confirm() {
    let stage = stage();
    assert_eq!(stage.deliver(event!("sqs-step-ready")).await.failed().count(), 0);
    let record = stage.record().unwrap();
    assert_eq!(record.state, State::Pending);
    assert_eq!(record.subscriber.map(|subscriber| subscriber.username), Some("Ada".into()));
    assert_eq!(stage.added(), Some(json!({ "subscribed": "pending" })));

    let mails = stage.outbox.mails();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!(mail.to, "ada@example.com");
    let whose = Some("ada@example.com".to_owned());
    assert_eq!(subject(&key(), &mail.text, "confirm"), whose);
    assert_eq!(subject(&key(), &mail.html, "confirm"), whose);
    assert_eq!(mail.headers[0].0, "List-Unsubscribe");
    assert_eq!(subject(&key(), &mail.headers[0].1, "unsubscribe"), whose);
}

#[tokio::test]
async fn a_step_that_comes_twice_asks_once() {
    let stage = stage();
    stage.deliver(event!("sqs-delivered-twice")).await;
    for second in [1, 60] {
        stage.deliver_at(event!("sqs-step-ready"), at(second)).await;
    }
    assert_eq!((stage.outbox.mails().len(), stage.store.writes()), (1, 1));
}

#[tokio::test]
async fn who_has_confirmed_is_not_asked_again() {
    let stage = stage();
    let subscriber = subscriptions::Subscriber {
        address: "ADA@example.com".parse().unwrap(),
        username: "Ada".into(),
        created: at(0),
    };
    stage.store.ask(&subscriber).await.unwrap();
    stage.store.confirm(&ada().digest(), at(0)).await.unwrap();
    stage.deliver(event!("sqs-step-ready")).await;
    assert_eq!(stage.added(), Some(json!({ "subscribed": "confirmed" })));
    assert_eq!(stage.outbox.mails().len(), 0);
    assert_eq!(stage.record().unwrap().state, State::Confirmed);
}

#[tokio::test]
async fn who_has_unsubscribed_is_left_alone() {
    let stage = stage();
    // By the link in the welcome mail, which was faster than this step.
    stage.store.unsubscribe(&ada().digest(), at(0)).await.unwrap();
    assert_eq!(stage.deliver(event!("sqs-step-ready")).await.failed().count(), 0);
    assert_eq!(stage.added(), Some(json!({ "subscribed": "unsubscribed" })));
    assert_eq!(stage.outbox.mails().len(), 0);
    assert_eq!(stage.record().unwrap().state, State::Unsubscribed);
}

#[tokio::test]
async fn people_are_written_to_in_their_language_and_with_no_words_of_others() {
    let known = json!({ "locale": "de-AT", "username": "Buy now at https://evil.example" });
    let stage = stage_with(&known);
    stage.deliver(event!("sqs-step-ready")).await;
    let mail = stage.outbox.mails().remove(0);
    assert_eq!(mail.subject, "Bestätigen Sie Ihr Abonnement");
    assert!(!mail.text.contains("evil") && !mail.html.contains("evil"), "{}", mail.text);
}

#[tokio::test]
async fn who_does_not_want_the_newsletter_is_not_asked() {
    let stage = stage_with(&json!({ "newsletter": null }));
    assert_eq!(stage.deliver(event!("sqs-step-ready")).await.failed().count(), 0);
    assert_eq!((stage.outbox.mails().len(), stage.record()), (0, None));
}
