//! What becomes of the records of a batch.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde_json::{Value, json};

use super::samples::{STANDARD, record, start};
use super::*;

/// Processes records of a standard queue without a deadline; gives the ids of those that failed,
/// the changes of visibility, and the counts.
async fn outcome(records: Vec<Value>) -> (Vec<String>, Vec<(String, u16)>, Counts) {
    let visibility = MemoryVisibility::default();
    let processor = processor(visibility.clone(), settings(0));
    let answer = run(&processor, "codes", records, None).await.unwrap();
    (failed(&answer), visibility.changes(), answer.counts())
}

fn received(times: u32, mut record: Value) -> Value {
    record["attributes"]["ApproximateReceiveCount"] = json!(times.to_string());
    record
}

#[tokio::test(start_paused = true)]
async fn a_batch_without_failures_keeps_nothing_and_asks_for_nothing() {
    let (failed, changes, counts) = outcome(vec![record("a", "g", r#""succeed""#)]).await;
    assert_eq!((failed.len(), changes.len()), (0, 0));
    assert_eq!(counts, Counts { records: 1, ..Counts::default() });
    assert_eq!(outcome(vec![]).await.2, Counts::default());
}

#[tokio::test(start_paused = true)]
async fn a_malformed_record_fails_alone() {
    let mut no_body = record("c", "g", "");
    no_body["body"] = json!({ "body": "is no text" });
    let (failed, changes, counts) = outcome(vec![
        record("a", "g", r#""succeed""#),
        record("b", "g", "{not json"),
        no_body,
        record("d", "g", r#""unheard-of""#),
        record("e", "g", r#""succeed""#),
    ])
    .await;
    assert_eq!(failed, ["b", "c", "d"]);
    assert_eq!(changes, [changed("b", 0), changed("c", 0), changed("d", 0)]);
    assert_eq!(counts, Counts { records: 5, undecodable: 3, ..Counts::default() });
}

#[tokio::test(start_paused = true)]
async fn a_panic_fails_its_record_alone() {
    let (failed, _, counts) = outcome(vec![
        record("a", "g", r#""panic""#),
        record("b", "g", r#""panic-at-once""#),
        record("c", "g", r#"{"wait":5}"#),
    ])
    .await;
    assert_eq!(failed, ["a", "b"]);
    assert_eq!(counts, Counts { records: 3, transient: 2, ..Counts::default() });
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_there_twice_is_reported_once() {
    let (failed, changes, counts) =
        outcome(vec![record("a", "g", r#""refuse""#), record("a", "g", r#""refuse""#)]).await;
    assert_eq!(failed, ["a"]);
    assert_eq!((changes.len(), counts.permanent), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn what_has_no_receipt_is_reported_all_the_same() {
    let mut record = record("a", "g", r#""fail""#);
    record["receiptHandle"] = json!("");
    let (failed, changes, _) = outcome(vec![record]).await;
    assert_eq!((failed, changes), (vec!["a".to_owned()], vec![]));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_reported_fails_the_batch() {
    let processor = processor(MemoryVisibility::default(), settings(0));
    for id in [json!(""), json!(null)] {
        let mut nameless = record("", "g", r#""fail""#);
        nameless["messageId"] = id;
        if nameless["messageId"].is_null() {
            nameless.as_object_mut().unwrap().remove("messageId");
        }
        let records = vec![record("a", "g", r#""fail""#), nameless.clone()];
        let answer = run(&processor, "codes", records, None).await;
        assert_eq!(answer, Err(BatchError::Nameless(1)));
        nameless["body"] = json!(r#""succeed""#);
        assert!(run(&processor, "codes", vec![nameless], None).await.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_or_reported_fails_the_batch_before_any_effect() {
    let processor = processor(MemoryVisibility::default(), settings(0));
    let stream = json!({ "eventID": "1", "eventSource": "aws:dynamodb", "dynamodb": {} });
    let records = vec![record("a", "g", r#""succeed""#), stream];
    let answer = run(&processor, "codes", records, None).await;
    assert_eq!(answer, Err(BatchError::Nameless(1)));
    assert!(processor.handler().started().is_empty());
}

#[tokio::test(start_paused = true)]
async fn no_more_records_are_at_work_than_allowed() {
    let three = Settings { concurrency: NonZeroUsize::new(3).unwrap(), ..settings(0) };
    let processor = processor(MemoryVisibility::default(), three);
    let ids = ["a", "b", "c", "d", "e", "f", "g"];
    let records = ids.map(|id| record(id, id, r#"{"wait":1000}"#)).to_vec();
    let began = tokio::time::Instant::now();
    run(&processor, "codes", records, None).await.unwrap();
    assert_eq!((processor.handler().most(), began.elapsed()), (3, Duration::from_secs(3)));
    let (last, now) = processor.handler().last();
    assert_eq!((last.message_id.as_str(), now), ("g", start() + Duration::from_secs(2)));
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_the_rest_of_its_group_waits_with_it() {
    let visibility = MemoryVisibility::default();
    let processor = processor(visibility.clone(), settings(0));
    let records = vec![
        record("a1", "a", r#""succeed""#),
        record("b1", "b", r#"{"wait":50}"#),
        record("a2", "a", r#"{"fail-for":7000}"#),
        record("a3", "a", r#""succeed""#),
        record("b2", "b", r#""succeed""#),
        record("a4", "a", "not even JSON"),
    ];
    let answer = run(&processor, "orders.fifo", records, None).await.unwrap();
    assert_eq!(processor.handler().started(), ["a1", "b1", "a2", "b2"]);
    assert_eq!(failed(&answer), ["a2", "a3", "a4"]);
    let waits = [changed("a2", 7), changed("a3", 7), changed("a4", 7)];
    assert_eq!(visibility.changes(), waits);
    let counts = Counts { records: 6, transient: 1, held_back: 2, ..Counts::default() };
    assert_eq!(answer.counts(), counts);
}

#[tokio::test(start_paused = true)]
async fn groups_of_a_standard_queue_hold_nothing_back() {
    let records = vec![record("a", "same", r#""fail""#), record("b", "same", r#""succeed""#)];
    assert_eq!(outcome(records).await.0, ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_waits_longer_with_each_receive() {
    let visibility = MemoryVisibility::default();
    let processor = processor(visibility.clone(), settings(100));
    for _ in 0..50 {
        let records = vec![received(3, record("a", "g", r#""fail""#))];
        run(&processor, "codes", records, None).await.unwrap();
    }
    let seconds: Vec<u16> = visibility.changes().into_iter().map(|(_, seconds)| seconds).collect();
    assert!(seconds.iter().all(|seconds| *seconds <= 400), "{seconds:?}");
    // Fifty times in a row below half is less likely than one in 10^15.
    assert!(seconds.iter().any(|seconds| *seconds > 200), "{seconds:?}");
}

#[tokio::test(start_paused = true)]
async fn the_handlers_word_on_when_to_try_again_wins() {
    let records = vec![record("a", "g", r#"{"fail-for":1500}"#)];
    assert_eq!(outcome(records).await.1, [changed("a", 2)]);
}

#[tokio::test(start_paused = true)]
async fn what_is_hopeless_does_not_wait() {
    let visibility = MemoryVisibility::default();
    let five = Settings { max_receives: Some(5), ..settings(100) };
    let processor = processor(visibility.clone(), five);
    let records = vec![
        record("a", "g", r#""refuse""#),
        received(4, record("b", "g", r#"{"fail-for":9000}"#)),
        received(5, record("c", "g", r#"{"fail-for":9000}"#)),
    ];
    let answer = run(&processor, "codes", records, None).await.unwrap();
    assert_eq!(failed(&answer), ["a", "b", "c"]);
    let waits = [changed("a", 0), changed("b", 9), changed("c", 0)];
    assert_eq!(visibility.changes(), waits);
    let last = processor.handler().last().0;
    assert!(last.is_last_receive && last.receive_count == 5);
}

#[tokio::test(start_paused = true)]
async fn a_record_carries_what_the_event_says_of_it() {
    let processor = processor(MemoryVisibility::default(), settings(0));
    let event = SqsEvent::read(STANDARD).unwrap();
    processor.process(&event, None, start()).await.unwrap();
    let (record, now) = processor.handler().last();
    assert_eq!(record.message_id, "059f36b4-87a3-44ab-83d2-661975830a7d");
    assert_eq!((record.receive_count, record.is_last_receive), (2, false));
    assert_eq!(record.group_id.as_deref(), Some("tenant-1"));
    assert_eq!(record.attributes["kind"], "test");
    assert_eq!(now, start());
}

#[test]
fn a_batch_can_be_worked_through_on_any_thread() {
    fn is_send(_: &impl Send) {}
    let event = SqsEvent::read(STANDARD).unwrap();
    let processor = processor(MemoryVisibility::default(), settings(0));
    is_send(&processor.process(&event, None, start()));
}
