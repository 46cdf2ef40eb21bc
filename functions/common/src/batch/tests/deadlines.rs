//! What happens when time runs out.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::samples::{Actor, event, record, start};
use super::*;

#[tokio::test(start_paused = true)]
async fn what_is_at_work_is_cut_off_at_the_reserve() {
    let processor = processor(MemoryVisibility::default(), settings(0));
    let records = vec![record("a", "g", r#"{"wait":1999}"#), record("b", "g", r#"{"wait":2001}"#)];
    let began = tokio::time::Instant::now();
    let answer = run(&processor, "codes", records, Some(3_000)).await.unwrap();
    assert_eq!(began.elapsed(), Duration::from_secs(2));
    assert_eq!(failed(&answer), ["b"]);
    assert_eq!(answer.counts().cut_off, 1);
    let deadline = processor.handler().last().0.deadline;
    assert_eq!(deadline, Some(start() + Duration::from_secs(2)));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_begun_once_only_the_reserve_is_left() {
    let one = Settings { concurrency: NonZeroUsize::MIN, ..settings(0) };
    let processor = processor(MemoryVisibility::default(), one);
    let records = vec![record("a", "g", r#"{"wait":2000}"#), record("b", "g", r#""succeed""#)];
    let answer = run(&processor, "codes", records, Some(3_000)).await.unwrap();
    assert_eq!(processor.handler().started(), ["a"]);
    assert_eq!(failed(&answer), ["b"]);
}

#[tokio::test(start_paused = true)]
async fn no_time_left_is_not_no_deadline() {
    let processor = processor(MemoryVisibility::default(), settings(0));
    let records = || vec![record("a", "g", r#""succeed""#)];
    let answer = run(&processor, "codes", records(), Some(0)).await.unwrap();
    assert_eq!(failed(&answer), ["a"]);
    assert!(processor.handler().started().is_empty());
    let answer = run(&processor, "codes", records(), None).await.unwrap();
    assert_eq!(failed(&answer).len(), 0);
    assert_eq!(processor.handler().last().0.deadline, None);
}

/// Visibility that takes forever.
struct Stuck;

impl Visibility for Stuck {
    type Error = BrokenVisibility;

    async fn change(&self, _: &str, _: &[Change<'_>]) -> Result<(), BrokenVisibility> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_does_not_depend_on_the_visibility() {
    let broken = processor(MemoryVisibility::broken(), settings(0));
    let records = || vec![record("a", "g", r#""fail""#)];
    let answer = run(&broken, "codes", records(), None).await.unwrap();
    assert_eq!(failed(&answer), ["a"]);

    let stuck = Processor::new(Actor::default(), Stuck, settings(0));
    let text = event("codes", records());
    let deadline = start() + Duration::from_secs(3);
    let began = tokio::time::Instant::now();
    let batch = SqsEvent::read(&text).unwrap();
    let answer = stuck.process(&batch, Some(deadline), start()).await.unwrap();
    assert_eq!(failed(&answer), ["a"]);
    assert_eq!(began.elapsed(), Duration::from_millis(2_500));
}
