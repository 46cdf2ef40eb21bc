//! Where is posted to, and where not.

use common::journal::StepState;

use crate::receiver::{Receiver, status};
use crate::stage::{Stage, event, stage, stage_with};

const REFUSED: &str = "the host of the URL has no public address";

/// A name on the public Internet as far as configuration can tell, that leads to this machine.
fn named(receiver: &Receiver, host: &str) -> Stage {
    stage_with(&format!("https://{host}:{}/hunter2", receiver.port), &[])
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_not_connected_to() {
    let receiver = Receiver::start([status(200, "")]).await;
    let stage = named(&receiver, "localhost");
    let answer = stage.deliver(event!("sqs-step-ready")).await;
    assert_eq!((answer.failed().count(), stage.wait()), (1, 0), "permanent");
    assert_eq!(stage.reason(), REFUSED);
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn private_addresses_are_posted_to_if_they_are_allowed() {
    let receiver = Receiver::start([status(200, "")]).await;
    let stage = stage(&format!("http://localhost:{}/", receiver.port));
    assert_eq!(stage.deliver(event!("sqs-step-ready")).await.failed().count(), 0);
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn a_run_whose_webhook_was_taken_away_goes_on_without_it() {
    for (url, reason) in [
        ("", "no webhook is configured"),
        ("http://hooks.example/", "the webhook is not one of https to a public host"),
    ] {
        let stage = stage_with(url, &[]);
        stage.deliver(event!("sqs-step-ready")).await;
        assert_eq!((stage.reason().as_str(), stage.wait()), (reason, 0));
    }
}

#[tokio::test]
async fn what_another_receiver_is_to_get_is_left_to_it() {
    let receiver = Receiver::start([status(200, "")]).await;
    let allowed = ("ALLOW_PRIVATE_TARGETS", "true");
    let stage = stage_with(&receiver.url(), &[allowed, ("WEBHOOK_STEP", "call-other")]);
    let answer = stage.deliver(event!("sqs-step-ready")).await;
    assert_eq!((answer.counts().permanent, receiver.connections()), (1, 0));
    assert_eq!(stage.state(), StepState::Pending);
}
