//! Mails that fail, runs that know too little, messages that nobody can read.

use common::journal::StepState;
use mails::MailError;
use serde_json::json;

use crate::stage::{at, emailed, event, failed, stage, stage_with};

fn busy() -> MailError {
    MailError::NotSent("TooManyRequestsException".into())
}

#[tokio::test]
async fn a_mail_that_was_surely_not_sent_is_tried_again_later() {
    let stage = stage();
    stage.outbox.fail([busy()]);
    let answer = stage.deliver(event!("sqs-step-ready")).await;
    assert_eq!(answer.failed().count(), 1);
    let StepState::Claimed { lease_ends, .. } = stage.state("email-user") else {
        panic!("claimed")
    };
    assert!(lease_ends < at(1), "it is free for the next attempt");
    assert_eq!(stage.deliver_at(event!("sqs-step-ready"), at(1)).await.failed().count(), 0);
    assert_eq!(stage.state("email-user"), emailed("mail-1"));
}

#[tokio::test]
async fn a_mail_that_was_perhaps_sent_is_sent_again() {
    let stage = stage();
    stage.outbox.fail([MailError::Unknown("timed out".into())]);
    assert_eq!(stage.deliver(event!("sqs-step-ready")).await.failed().count(), 1);
    assert_eq!(stage.deliver_at(event!("sqs-step-ready"), at(30)).await.failed().count(), 0);
    let mails = stage.outbox.mails();
    assert_eq!(mails.len(), 2, "the one window in which there are two");
    assert_eq!(mails[0].subject, mails[1].subject);
    assert_eq!(stage.state("email-user"), emailed("mail-2"));
}

#[tokio::test]
async fn an_address_that_is_refused_fails_the_step_at_once() {
    let stage = stage();
    stage.outbox.fail([MailError::Refused("MessageRejected".into())]);
    let answer = stage.deliver(event!("sqs-step-ready")).await;
    assert_eq!((answer.failed().count(), answer.counts().permanent), (1, 1));
    assert_eq!(stage.state("email-user"), failed("refused: MessageRejected"));
    assert_eq!(stage.visibility.changes()[0].1, 0, "there is nothing to wait for");
    stage.deliver_at(event!("sqs-step-ready"), at(60)).await;
    assert!(stage.outbox.mails().is_empty());
}

#[tokio::test]
async fn the_last_receive_fails_the_step_and_leaves_the_message_to_the_dead_letter_queue() {
    let stage = stage();
    stage.outbox.fail([busy()]);
    assert_eq!(stage.deliver(event!("sqs-last-receive")).await.failed().count(), 1);
    assert_eq!(stage.state("email-user"), failed("not sent: TooManyRequestsException"));
}

#[tokio::test]
async fn a_run_that_knows_no_address_fails_by_name_and_without_a_mail() {
    for (context, reason) in [
        (json!({ "username": "Ada" }), "the context has no email"),
        (json!({ "username": "Ada", "email": 7 }), "the context has no email"),
        (json!({ "email": "ada@example.com" }), "the context has no username"),
    ] {
        let stage = stage_with(&context);
        stage.deliver(event!("sqs-step-ready")).await;
        assert_eq!(stage.state("email-user"), failed(reason));
        assert!(stage.outbox.mails().is_empty());
    }
}

#[tokio::test]
async fn what_is_not_for_it_is_reported_and_its_neighbours_are_served() {
    let stage = stage();
    let answer = stage.deliver(event!("sqs-poison")).await;
    let failed: Vec<&str> = answer.failed().collect();
    assert_eq!(
        failed,
        [
            "2e1424d4-f796-459a-8184-9c92662be6da",
            "8f1d1f0e-3d61-4c1b-9a55-0b7c1de1a2b3",
            "b5a1c8de-0c52-4a8e-9d2a-6f3a2f0e7c11"
        ]
    );
    assert_eq!(stage.outbox.mails().len(), 1);
}

#[tokio::test]
async fn a_queue_that_is_connected_wrongly_welcomes_nobody_twice() {
    let stage = stage_with(&json!({
        "username": "Ada", "email": "ada@example.com", "newsletter": true
    }));
    stage.deliver(event!("sqs-step-ready")).await;
    let misled = event!("sqs-step-ready")
        .replace(r#"\"step\":\"email-user\""#, r#"\"step\":\"subscribe-user\""#);
    assert_eq!(stage.deliver(&misled).await.failed().count(), 1);
    assert_eq!(stage.state("subscribe-user"), StepState::Pending, "whose it is can do it");
    assert_eq!(stage.outbox.mails().len(), 1);
}
