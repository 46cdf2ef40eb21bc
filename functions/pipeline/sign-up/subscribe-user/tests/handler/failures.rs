//! Mails that fail, stores that do not answer, messages that nobody can read.

use common::journal::StepState;
use mails::MailError;
use serde_json::json;
use subscriptions::memory::MemorySubscribers;
use subscriptions::ports::{Asks, Decisions as _};
use subscriptions::{State, Subscriber};

use crate::support::{Stage, ada, at, event, stage, stage_with};

fn not_sent() -> MailError {
    MailError::NotSent("TooManyRequestsException".into())
}

#[tokio::test]
async fn a_mail_that_was_not_sent_is_sent_when_the_step_comes_again() {
    let stage = stage();
    stage.outbox.fail([not_sent()]);
    assert_eq!(stage.deliver(event!("sqs-step-ready")).await.failed().count(), 1);
    assert_eq!((stage.outbox.mails().len(), stage.added()), (0, None));
    let again = stage.deliver_at(event!("sqs-step-ready"), at(1)).await;
    assert_eq!((again.failed().count(), stage.outbox.mails().len()), (0, 1));
    assert_eq!(stage.store.writes(), 1, "the subscriber is written once");
    assert_eq!(stage.step().attempts, 2);
}

#[tokio::test]
async fn a_mail_that_was_perhaps_sent_is_sent_again() {
    let stage = stage();
    stage.outbox.fail([MailError::Unknown("timed out".into())]);
    assert_eq!(stage.deliver(event!("sqs-step-ready")).await.failed().count(), 1);
    assert_eq!(stage.deliver_at(event!("sqs-step-ready"), at(1)).await.failed().count(), 0);
    assert_eq!((stage.outbox.mails().len(), stage.store.writes()), (2, 1));
}

#[tokio::test]
async fn who_confirms_between_two_attempts_stays_confirmed() {
    let stage = stage();
    stage.outbox.fail([MailError::Unknown("timed out".into())]);
    stage.deliver(event!("sqs-step-ready")).await;
    stage.store.confirm(&ada().digest(), at(0)).await.unwrap();
    stage.deliver_at(event!("sqs-step-ready"), at(1)).await;
    assert_eq!(stage.added(), Some(json!({ "subscribed": "confirmed" })));
    assert_eq!(stage.outbox.mails().len(), 1, "nothing is left to ask");
}

#[tokio::test]
async fn an_address_that_is_refused_fails_the_step_for_good() {
    let stage = stage();
    stage.outbox.fail([MailError::Refused("MessageRejected".into())]);
    assert_eq!(stage.deliver(event!("sqs-step-ready")).await.failed().count(), 1);
    let failed = StepState::Failed { reason: "refused: MessageRejected".into() };
    assert_eq!(stage.step().state, failed);
}

#[tokio::test]
async fn a_context_without_an_address_fails_the_step_for_good_and_is_not_told() {
    let stage = stage_with(&json!({ "email": "ada at example" }));
    assert_eq!(stage.deliver(event!("sqs-step-ready")).await.failed().count(), 1);
    assert_eq!(stage.step().state, StepState::Failed { reason: "no e-mail address".into() });
}

#[tokio::test]
async fn the_last_receive_fails_the_step_where_people_see_it() {
    let stage = stage();
    stage.outbox.fail([not_sent()]);
    assert_eq!(stage.deliver(event!("sqs-last-receive")).await.failed().count(), 1);
    let failed = StepState::Failed { reason: "not sent: TooManyRequestsException".into() };
    assert_eq!(stage.step().state, failed);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_asked_again_and_nobody_is_mailed() {
    #[derive(Debug)]
    struct Broken;
    #[derive(Debug, thiserror::Error)]
    #[error("the table is on fire")]
    struct Down;
    impl Asks for Broken {
        type Error = Down;
        async fn ask(&self, _: &Subscriber) -> Result<State, Down> {
            Err(Down)
        }
    }
    let stage = Stage::new(Broken, MemorySubscribers::default(), &json!({}));
    assert_eq!(stage.deliver(event!("sqs-step-ready")).await.failed().count(), 1);
    assert_eq!((stage.outbox.mails().len(), stage.added()), (0, None));
}

#[tokio::test]
async fn what_nobody_can_read_is_reported_and_its_neighbours_are_served() {
    let stage = stage();
    let answer = stage.deliver(event!("sqs-poison")).await;
    let failed: Vec<&str> = answer.failed().collect();
    assert_eq!(
        failed,
        ["2e1424d4-f796-459a-8184-9c92662be6da", "8f1d1f0e-3d61-4c1b-9a55-0b7c1de1a2b3"]
    );
    assert_eq!((answer.counts().undecodable, answer.counts().permanent), (1, 1));
    assert_eq!(stage.outbox.mails().len(), 1);
}
