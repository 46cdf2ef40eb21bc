//! Messages that arrive once, twice, late and out of order.

use sign_in::Delivery;

use crate::support::{CHALLENGE, HOST, at, event, stage};

#[tokio::test]
async fn a_code_is_made_registered_and_texted() {
    let stage = stage();
    stage.ask_for_code().await;
    let answer = stage.deliver(event!("sqs-code-requested")).await;
    assert_eq!(answer.failed().count(), 0);
    let texts = stage.outbox.texts();
    let (phone, text) = &texts[0];
    assert_eq!((texts.len(), phone.as_str()), (1, "+15550100123"));
    let code = &stage.outbox.codes()[0];
    assert!(text.ends_with(&format!("\n@{HOST} #{code}")) && text.contains("5 min"), "{text}");
    assert!(stage.accepts(code));
    let challenge = stage.challenge();
    assert_eq!(challenge.delivery, Delivery::Sent);
    assert_eq!(challenge.code.unwrap().expires, at(300));
}

#[tokio::test]
async fn users_are_written_to_in_their_own_language() {
    let stage = stage();
    stage.ask_in("de").await;
    stage.deliver(event!("sqs-code-requested")).await;
    assert!(stage.outbox.texts()[0].1.starts_with("Ihr Anmeldecode"));
}

#[tokio::test]
async fn a_text_promises_no_more_time_than_the_sign_in_has() {
    let stage = stage();
    stage.ask_for_code().await;
    stage.deliver_at(event!("sqs-code-requested"), at(450)).await;
    assert!(stage.outbox.texts()[0].1.contains("valid for 2 min"));
}

#[tokio::test]
async fn what_is_kept_is_not_the_code() {
    let stage = stage();
    stage.ask_for_code().await;
    stage.deliver(event!("sqs-code-requested")).await;
    let kept = format!("{:?}", stage.challenge());
    assert!(!kept.contains(&stage.outbox.codes()[0]), "{kept}");
}

#[tokio::test]
async fn a_second_delivery_makes_no_second_code_and_sends_no_second_text() {
    let stage = stage();
    stage.ask_for_code().await;
    stage.deliver(event!("sqs-code-requested")).await;
    let first = stage.challenge();
    for later in [0, 1, 200] {
        let answer = stage.deliver_at(event!("sqs-code-requested"), at(later)).await;
        assert_eq!(answer.failed().count(), 0, "the message is done");
    }
    assert_eq!(stage.challenge(), first);
    assert_eq!(stage.outbox.texts().len(), 1);
}

#[tokio::test]
async fn the_same_message_twice_at_once_sends_one_text() {
    let stage = stage();
    stage.ask_for_code().await;
    stage.deliver(event!("sqs-delivered-twice")).await;
    assert_eq!(stage.outbox.texts().len(), 1);
    assert_eq!(stage.deliver(event!("sqs-delivered-twice")).await.failed().count(), 0);
    assert_eq!(stage.outbox.texts().len(), 1);
}

#[tokio::test]
async fn a_late_message_for_an_earlier_code_sends_nothing() {
    let stage = stage();
    stage.ask_for_code().await;
    stage.ask_again().await;
    let answer = stage.deliver(event!("sqs-out-of-order")).await;
    assert_eq!(answer.failed().count(), 0);
    assert_eq!(stage.outbox.texts().len(), 1);
    assert!(stage.accepts(&stage.outbox.codes()[0]));
}

#[tokio::test]
async fn the_next_code_takes_the_place_of_the_one_before() {
    let stage = stage();
    stage.ask_for_code().await;
    stage.deliver(event!("sqs-code-requested")).await;
    stage.ask_again().await;
    stage.deliver(event!("sqs-out-of-order")).await;
    let codes = stage.outbox.codes();
    assert_eq!(codes.len(), 2);
    assert!(stage.accepts(&codes[1]));
    assert!(!stage.accepts(&codes[0]) || codes[0] == codes[1]);
}

#[tokio::test]
async fn a_message_for_a_sign_in_that_is_over_is_done() {
    let stage = stage();
    assert_eq!(stage.deliver(event!("sqs-code-requested")).await.failed().count(), 0);
    stage.ask_for_code().await;
    let late = stage.deliver_at(event!("sqs-code-requested"), at(600)).await;
    assert_eq!(late.failed().count(), 0);
    assert!(stage.outbox.texts().is_empty());
}

#[tokio::test]
async fn a_code_never_outlasts_its_sign_in() {
    let stage = stage();
    stage.ask_for_code().await;
    stage.deliver_at(event!("sqs-code-requested"), at(500)).await;
    assert_eq!(stage.challenge().code.unwrap().expires, at(600));
}

#[tokio::test]
async fn each_text_has_a_code_of_its_own() {
    let stage = stage();
    let mut events = Vec::new();
    for user in 0..30 {
        let id = format!("{user:032x}");
        stage.ask(&id, &format!("+15550100{user:03}")).await;
        events.push(event!("sqs-code-requested").replace(CHALLENGE, &id));
    }
    for event in events {
        stage.deliver(&event).await;
    }
    let mut codes = stage.outbox.codes();
    assert_eq!(codes.len(), 30);
    codes.sort();
    codes.dedup();
    assert!(codes.len() >= 28, "{} different codes of 30", codes.len());
}
