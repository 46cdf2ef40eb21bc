//! Texts that fail, functions that die, messages that nobody can read.

use common::batch::Failure;
use sign_in::Delivery;
use sign_in::limits::TextQuota;
use sign_in::ports::{Codes as _, Registration};
use two_factor::handler::TextError;

use crate::support::{at, event, id, key, limits, stage};

fn not_sent() -> TextError {
    TextError::NotSent("Throttled".into())
}

#[tokio::test]
async fn a_text_that_was_surely_not_sent_is_tried_again_with_a_new_code() {
    let stage = stage();
    stage.ask_for_code().await;
    stage.outbox.fail([not_sent()]);
    let failed = stage.deliver(event!("sqs-code-requested")).await;
    assert_eq!(failed.failed().count(), 1);
    let challenge = stage.challenge();
    assert_eq!((challenge.delivery, challenge.code), (Delivery::Requested, None));
    let (_, seconds) = stage.visibility.changes()[0].clone();
    assert!(seconds <= 1, "somebody waits: {seconds}");

    assert_eq!(stage.deliver_at(event!("sqs-code-requested"), at(1)).await.failed().count(), 0);
    assert_eq!(stage.outbox.texts().len(), 1);
    assert!(stage.accepts(&stage.outbox.codes()[0]));
}

#[tokio::test]
async fn tries_of_one_code_count_once_on_the_limits() {
    let stage = stage();
    stage.ask_for_code().await;
    // The limit is three texts to a number.
    stage.outbox.fail((0..4).map(|_| not_sent()));
    for second in 0..5 {
        stage.deliver_at(event!("sqs-code-requested"), at(second)).await;
    }
    assert_eq!(stage.challenge().delivery, Delivery::Sent);
}

#[tokio::test]
async fn a_text_that_may_have_been_sent_waits_for_the_lease_and_takes_its_place() {
    let stage = stage();
    stage.ask_for_code().await;
    stage.outbox.fail([TextError::Unknown("timed out".into())]);
    assert_eq!(stage.deliver(event!("sqs-code-requested")).await.failed().count(), 1);
    assert_eq!(stage.visibility.changes()[0].1, 4, "until the lease ends");
    assert!(stage.challenge().code.is_some(), "if it arrived, it can be entered");

    let early = stage.deliver_at(event!("sqs-code-requested"), at(3)).await;
    assert_eq!((early.failed().count(), stage.outbox.texts().len()), (1, 0));
    let late = stage.deliver_at(event!("sqs-code-requested"), at(5)).await;
    assert_eq!((late.failed().count(), stage.outbox.texts().len()), (0, 1));
    assert!(stage.accepts(&stage.outbox.codes()[0]));
}

#[tokio::test]
async fn who_died_with_a_code_in_hand_is_taken_over_once_the_lease_has_ended() {
    let stage = stage();
    stage.ask_for_code().await;
    let phone = "+15550100123".parse().unwrap();
    let code = "123456".parse().unwrap();
    let dead = Registration {
        id: id(),
        number: 1,
        code: sign_in::RegisteredCode { mac: key().mac(id(), "Ada", &code), expires: at(300) },
        lease_ends: at(5),
        quota: TextQuota::of(&key(), &phone, limits(), at(0)),
        is_counted: false,
    };
    stage.store.register(&dead, at(0)).await.unwrap();
    let early = stage.deliver_at(event!("sqs-code-requested"), at(1)).await;
    assert_eq!((early.failed().count(), stage.outbox.texts().len()), (1, 0));
    let late = stage.deliver_at(event!("sqs-code-requested"), at(30)).await;
    assert_eq!((late.failed().count(), stage.outbox.texts().len()), (0, 1));
    assert_eq!(stage.challenge().delivery, Delivery::Sent);
}

#[tokio::test]
async fn a_number_that_is_refused_is_given_up_at_once() {
    let stage = stage();
    stage.ask_for_code().await;
    stage.outbox.fail([TextError::Refused("InvalidParameter".into())]);
    let answer = stage.deliver(event!("sqs-code-requested")).await;
    assert_eq!(answer.failed().count(), 0, "it would be refused again");
    assert_eq!(stage.challenge().delivery, Delivery::Failed);
    assert_eq!(stage.challenge().code, None, "what reached nobody cannot be guessed");
}

#[tokio::test]
async fn a_text_that_there_is_no_time_for_is_not_begun() {
    let stage = stage();
    stage.ask_for_code().await;
    let late = stage.deliver_within(event!("sqs-code-requested"), 3).await;
    assert_eq!((late.failed().count(), stage.outbox.texts().len()), (1, 0));
    assert_eq!((stage.challenge().delivery, stage.challenge().code), (Delivery::Requested, None));
}

#[tokio::test]
async fn the_last_receive_tells_people_and_leaves_the_message_to_the_dead_letter_queue() {
    let stage = stage();
    stage.ask_for_code().await;
    stage.outbox.fail([not_sent()]);
    let answer = stage.deliver(event!("sqs-last-receive")).await;
    assert_eq!(answer.failed().count(), 1);
    assert_eq!(stage.challenge().delivery, Delivery::Failed);
    assert_eq!(stage.visibility.changes()[0].1, 0, "there is nothing to wait for");
}

#[tokio::test]
async fn what_nobody_can_read_is_reported_and_its_neighbours_are_served() {
    let stage = stage();
    stage.ask_for_code().await;
    let answer = stage.deliver(event!("sqs-poison")).await;
    let failed: Vec<&str> = answer.failed().collect();
    assert_eq!(
        failed,
        ["2e1424d4-f796-459a-8184-9c92662be6da", "8f1d1f0e-3d61-4c1b-9a55-0b7c1de1a2b3"]
    );
    assert_eq!((answer.counts().undecodable, answer.counts().permanent), (1, 1));
    assert_eq!(stage.outbox.texts().len(), 1);
}

#[tokio::test]
async fn a_failure_says_nothing_of_codes_and_numbers() {
    let failure = Failure::transient(TextError::NotSent("Throttled".into()));
    assert_eq!(failure.cause(), "not sent: Throttled");
}
