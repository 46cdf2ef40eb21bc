//! What receivers answer, and what follows.

use std::time::Duration;

use common::journal::StepState;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use crate::receiver::{Receiver, Reply, status};
use crate::stage::{Stage, added, at, event, stage};

async fn after(reply: Reply) -> (Stage, Receiver, usize) {
    let receiver = Receiver::start([reply]).await;
    let stage = stage(&receiver.url());
    let failed = stage.deliver(event!("sqs-step-ready")).await.failed().count();
    (stage, receiver, failed)
}

#[tokio::test]
async fn a_receiver_that_wants_no_more_is_not_asked_again() {
    for code in [400, 401, 404, 410, 422] {
        let (stage, receiver, failed) = after(status(code, "retry-after: 30\r\n")).await;
        assert_eq!((failed, receiver.received().len()), (1, 1), "{code}");
        assert!(stage.reason().contains(&code.to_string()), "{code}");
        assert_eq!(stage.wait(), 0, "{code}: straight to the dead-letter queue");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Receiver::start([status(200, "")]).await;
    for code in [301, 302, 307, 308] {
        let location = format!("location: {}\r\n", elsewhere.url());
        let (stage, _, _) = after(status(code, &location)).await;
        assert!(stage.reason().contains("redirects are not followed"), "{code}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_receiver_that_is_busy_says_when_to_come_again() {
    for (header, wait) in [
        ("retry-after: 120\r\n", 120),
        ("retry-after: Sun, 01 Mar 2026 12:02:00 GMT\r\n", 120),
        ("retry-after: 86400\r\n", 600),
        ("retry-after: 0\r\n", 1),
    ] {
        for code in [408, 425, 429, 503] {
            let (stage, _, failed) = after(status(code, header)).await;
            assert_eq!(failed, 1, "{code}");
            // A moment of the date's wait has passed already.
            assert!((wait - 1..=wait).contains(&stage.wait()), "{code} {header} {}", stage.wait());
            assert!(matches!(stage.state(), StepState::Claimed { .. }), "{code}");
        }
    }
}

#[tokio::test]
async fn a_receiver_that_fails_is_asked_again_after_a_while() {
    for code in [500, 502, 504] {
        let (stage, _, failed) = after(status(code, "retry-after: soon\r\n")).await;
        assert_eq!(failed, 1, "{code}");
        assert!(stage.wait() <= 30, "by the back-off: {}", stage.wait());
        assert!(matches!(stage.state(), StepState::Claimed { .. }), "{code}");
    }
}

#[tokio::test]
async fn the_last_receive_fails_the_step() {
    let receiver = Receiver::start([status(500, "retry-after: 60\r\n")]).await;
    let stage = stage(&receiver.url());
    let answer = stage.deliver(event!("sqs-last-receive")).await;
    assert_eq!((answer.failed().count(), stage.wait()), (1, 0));
    assert_eq!(stage.reason(), "the receiver answered 500");
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_is_given_up_in_time() {
    let receiver = Receiver::start([Reply::Stall(String::new())]).await;
    let stage = stage(&receiver.url());
    let began = tokio::time::Instant::now();
    stage.deliver(event!("sqs-last-receive")).await;
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    assert_eq!(stage.reason(), "no answer in time");
}

#[tokio::test]
async fn connections_that_break_or_are_not_made_are_tried_again() {
    for (reply, reason) in [
        (Reply::Close(String::new()), "the connection broke before the answer"),
        (Reply::Close("hunter2\r\n\r\n".into()), "the connection broke before the answer"),
        (Reply::Close("HTTP/1.1 20".into()), "the connection broke before the answer"),
    ] {
        let receiver = Receiver::start([reply]).await;
        let stage = stage(&receiver.url());
        stage.deliver(event!("sqs-step-ready")).await;
        assert!(matches!(stage.state(), StepState::Claimed { .. }));
        stage.deliver_at(event!("sqs-last-receive"), at(5)).await;
        assert_eq!(stage.reason(), reason);
        assert_eq!(receiver.received().len(), 2, "nothing is sent twice by itself");
    }
    let stage = stage("http://127.0.0.1:1/");
    stage.deliver(event!("sqs-last-receive")).await;
    assert_eq!(stage.reason(), "no connection: it was refused");
}

#[tokio::test]
async fn a_receiver_that_does_not_speak_tls_is_not_talked_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stage = stage(&format!("https://{}/", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_secs(60)).await;
    });
    stage.deliver(event!("sqs-last-receive")).await;
    assert_eq!(stage.reason(), "no connection: TLS failed, or the certificate is not trusted");
}

#[tokio::test]
async fn the_body_of_an_answer_does_not_matter() {
    let ok = |headers: &str, body: &str| format!("HTTP/1.1 200 OK\r\n{headers}\r\n{body}");
    let large = "x".repeat(200_000);
    for reply in [
        Reply::Write(ok("content-length: 200000\r\n", &large)),
        Reply::Close(ok("content-length: 100\r\n", "half of")),
        Reply::Close(ok("transfer-encoding: chunked\r\n", "zz\r\n")),
        Reply::Stall(ok("content-length: 100\r\n", "half of")),
    ] {
        let (stage, receiver, failed) = after(reply).await;
        assert_eq!((failed, receiver.received().len()), (0, 1));
        assert_eq!(stage.state(), added(200));
    }
}
