//! What receivers get, and what becomes of the step.

use std::sync::{Arc, Mutex};

use common::journal::StepState;
use serde_json::{Value, json};

use crate::receiver::{Received, Receiver, Reply, status};
use crate::stage::{KEY, NOON, RUN, added, at, context, event, stage};
use crate::verify::is_genuine;

fn is_accepted(request: &Received, body: &[u8], now: u64) -> bool {
    let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    is_genuine(KEY, headers.map(|name| request.header(name)), body, now)
}

#[tokio::test]
async fn the_context_is_posted_once_and_the_status_added_to_it() {
    let receiver = Receiver::start([status(204, "")]).await;
    let stage = stage(&receiver.url());
    let answer = stage.deliver(event!("sqs-step-ready")).await;
    assert_eq!(answer.failed().count(), 0);
    assert_eq!(stage.state(), added(204));

    let received = receiver.received();
    let [request] = received.as_slice() else { panic!("one request") };
    assert_eq!(request.line, "POST /hooks/hunter2?key=hunter2 HTTP/1.1");
    let mut known = context();
    known["emailed"] = json!("message-1");
    assert_eq!(
        serde_json::from_slice::<Value>(&request.body).unwrap(),
        json!({ "run": RUN, "step": "call-webhook", "pipeline": "sign-up", "context": known })
    );
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("webhook-id"), format!("{RUN}-call-webhook"));
    assert_eq!(request.header("idempotency-key"), format!("\"{RUN}-call-webhook\""));
}

#[tokio::test]
async fn a_receiver_can_tell_what_is_genuine_from_what_is_not() {
    let receiver = Receiver::start([status(200, "")]).await;
    stage(&receiver.url()).deliver(event!("sqs-step-ready")).await;
    let request = &receiver.received()[0];
    assert!(is_accepted(request, &request.body, NOON + 299));
    assert!(!is_accepted(request, &request.body, NOON + 301), "old");
    let changed = String::from_utf8_lossy(&request.body).replace("Ada", "Eve");
    assert!(!is_accepted(request, changed.as_bytes(), NOON), "changed");
    let mut renamed = request.clone();
    renamed.headers.iter_mut().find(|(name, _)| name == "webhook-id").unwrap().1 = "x".into();
    assert!(!is_accepted(&renamed, &request.body, NOON), "another name");
}

#[test]
fn the_readme_shows_the_verification_that_is_tested() {
    let readme = include_str!("../../README.md");
    assert!(readme.contains(&include_str!("verify.rs").replace("pub(crate) ", "")));
}

#[tokio::test]
async fn a_message_that_comes_again_after_success_posts_nothing() {
    let receiver = Receiver::start([status(200, "")]).await;
    let stage = stage(&receiver.url());
    stage.deliver(event!("sqs-step-ready")).await;
    let again = stage.deliver_at(event!("sqs-step-ready"), at(60)).await;
    assert_eq!((again.failed().count(), receiver.received().len()), (0, 1));
}

#[tokio::test]
async fn a_message_that_is_delivered_twice_at_once_posts_once() {
    let receiver = Receiver::start([status(200, "")]).await;
    let stage = stage(&receiver.url());
    stage.deliver(event!("sqs-delivered-twice")).await;
    assert_eq!((receiver.received().len(), stage.state()), (1, added(200)));
}

#[tokio::test]
async fn another_attempt_has_the_same_name_and_a_signature_of_its_own_time() {
    let receiver = Receiver::start([status(503, ""), status(200, "")]).await;
    let stage = stage(&receiver.url());
    assert_eq!(stage.deliver(event!("sqs-step-ready")).await.failed().count(), 1);
    assert!(matches!(stage.state(), StepState::Claimed { .. }), "to be taken up again");
    assert_eq!(stage.deliver_at(event!("sqs-step-ready"), at(400)).await.failed().count(), 0);
    assert_eq!(stage.state(), added(200));
    let received = receiver.received();
    assert_eq!(received[0].header("webhook-id"), received[1].header("webhook-id"));
    assert_eq!(received[0].body, received[1].body);
    assert!(is_accepted(&received[1], &received[1].body, NOON + 400));
    assert!(!is_accepted(&received[0], &received[0].body, NOON + 400));
    assert_eq!(receiver.connections(), 1, "connections are used again");
}

#[tokio::test]
async fn what_is_no_webhook_is_reported_and_its_neighbours_are_served() {
    let receiver = Receiver::start([status(200, "")]).await;
    let stage = stage(&receiver.url());
    let answer = stage.deliver(event!("sqs-poison")).await;
    assert_eq!((answer.counts().undecodable, answer.counts().permanent), (1, 2));
    assert_eq!((receiver.received().len(), stage.state()), (1, added(200)));
}

#[tokio::test]
async fn steps_of_others_are_not_posted_even_if_they_are_due() {
    let receiver = Receiver::start([status(200, "")]).await;
    let stage = stage(&receiver.url());
    stage.begin_again();
    let answer = stage.deliver(event!("sqs-poison")).await;
    assert_eq!((answer.counts().permanent, receiver.connections()), (2, 0));
}

/// Where log lines go in the test below.
#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn logs_and_reasons_hold_statuses_and_nothing_of_context_url_or_answer() {
    let body = "hunter2";
    let replies = [404, 500].map(|status| {
        let head = format!("HTTP/1.1 {status} hunter2\r\nx-token: hunter2\r\nretry-after: hunter2");
        Reply::Write(format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
    });
    // With one listener only, a line that the thread of another test logs first would stay off.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let output = Output::default();
    let writer = output.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::INFO)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    let receiver = Receiver::start(replies).await;
    let refused = stage(&receiver.url());
    refused.deliver(event!("sqs-step-ready")).await;
    let failed = stage(&receiver.url());
    failed.deliver(event!("sqs-last-receive")).await;
    let silent = stage("http://hunter2.invalid/hunter2");
    silent.deliver(event!("sqs-last-receive")).await;
    drop(guard);

    let lines = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
    for text in [&lines, &refused.reason(), &failed.reason(), &silent.reason()] {
        assert!(!text.contains("hunter2") && !text.contains("Ada"), "{text}");
        assert!(!text.contains(RUN), "{text}");
    }
    for word in ["status=404", "status=500", "duration_ms", "leads nowhere"] {
        assert!(lines.contains(word), "{word}: {lines}");
    }
}
