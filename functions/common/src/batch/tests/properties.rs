//! Batches of all kinds.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::samples::{event, record, start};
use super::*;

#[derive(Debug, Clone)]
struct Step {
    group: &'static str,
    body: &'static str,
    /// What is malformed has no text for a body.
    is_malformed: bool,
}

/// Bodies, and whether the handler gets to see them.
const FAILING: [(&str, bool); 7] = [
    (r#""fail""#, true),
    (r#""refuse""#, true),
    (r#""panic""#, true),
    (r#""panic-at-once""#, true),
    (r#"{"fail-for":5}"#, true),
    ("{", false),
    (r#"{"wait":-1}"#, false),
];

const SUCCEEDING: [&str; 4] = [r#""succeed""#, r#"{"wait":1}"#, r#"{"wait":2}"#, r#"{"wait":3}"#];

fn step() -> impl Strategy<Value = Step> {
    let body = prop_oneof![
        5 => proptest::sample::select(&SUCCEEDING[..]),
        1 => proptest::sample::select(&FAILING[..]).prop_map(|(body, _)| body),
    ];
    (proptest::sample::select(&["a", "b", "c"][..]), body, proptest::bool::weighted(0.05))
        .prop_map(|(group, body, is_malformed)| Step { group, body, is_malformed })
}

impl Step {
    fn fails(&self) -> bool {
        self.is_malformed || FAILING.iter().any(|(body, _)| *body == self.body)
    }

    fn is_seen(&self) -> bool {
        let hidden = FAILING.iter().any(|(body, is_seen)| *body == self.body && !is_seen);
        !self.is_malformed && !hidden
    }

    fn record(&self, id: &str) -> Value {
        let mut record = record(id, self.group, self.body);
        if self.is_malformed {
            record["body"] = json!(null);
        }
        record
    }
}

/// What must be reported, and what the handler must see, each in order.
fn expected(steps: &[Step], is_fifo: bool) -> (Vec<String>, HashMap<&str, Vec<String>>) {
    let (mut failed, mut seen) = (Vec::new(), HashMap::<&str, Vec<String>>::new());
    let mut stopped = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let is_stopped = is_fifo && stopped.contains(&step.group);
        if is_stopped || step.fails() {
            stopped.push(step.group);
            failed.push(index.to_string());
        }
        if !is_stopped && step.is_seen() {
            seen.entry(step.group).or_default().push(index.to_string());
        }
    }
    (failed, seen)
}

/// Processes records with so many at work at once.
fn run_steps(
    steps: &[Step],
    is_fifo: bool,
    concurrency: usize,
    deadline: Option<SystemTime>,
) -> (Tested, MemoryVisibility, BatchResponse) {
    let concurrency = NonZeroUsize::new(concurrency).unwrap();
    let visibility = MemoryVisibility::default();
    let processor = processor(visibility.clone(), Settings { concurrency, ..settings(2) });
    let records = steps.iter().enumerate();
    let records = records.map(|(index, step)| step.record(&index.to_string())).collect();
    let text = event(if is_fifo { "orders.fifo" } else { "orders" }, records);
    let batch = SqsEvent::read(&text).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let answer = runtime.block_on(processor.process(&batch, deadline, start())).unwrap();
    (processor, visibility, answer)
}

proptest! {
    #[test]
    fn what_failed_and_what_follows_it_in_its_group_is_reported_and_nothing_else(
        steps in proptest::collection::vec(step(), 0..12),
        is_fifo in any::<bool>(),
        concurrency in 1_usize..6,
    ) {
        let (processor, visibility, answer) = run_steps(&steps, is_fifo, concurrency, None);
        let (failed, mut expected_seen) = expected(&steps, is_fifo);
        prop_assert_eq!(answer.failed().collect::<Vec<_>>(), failed.clone());
        let changed = visibility.changes().into_iter().map(|(handle, _)| handle);
        let handles: Vec<String> = failed.iter().map(|id| format!("receipt-{id}")).collect();
        prop_assert_eq!(changed.collect::<Vec<_>>(), handles);
        prop_assert!(processor.handler().most() <= concurrency);

        let mut seen = HashMap::<&str, Vec<String>>::new();
        for id in processor.handler().started() {
            let step = &steps[id.parse::<usize>().unwrap()];
            seen.entry(step.group).or_default().push(id);
        }
        if !is_fifo {
            // In no particular order.
            let sorted = |ids: &mut Vec<String>| ids.sort();
            seen.values_mut().for_each(sorted);
            expected_seen.values_mut().for_each(sorted);
        }
        prop_assert_eq!(seen, expected_seen);
    }

    #[test]
    fn whenever_time_runs_out_what_was_not_handled_is_reported_and_nothing_else(
        steps in proptest::collection::vec(step(), 0..12),
        is_fifo in any::<bool>(),
        concurrency in 1_usize..6,
        milliseconds in 995_u64..1_010,
    ) {
        let deadline = start() + Duration::from_millis(milliseconds);
        let (processor, _, answer) = run_steps(&steps, is_fifo, concurrency, Some(deadline));
        let completed = processor.handler().completed();
        let ids = (0..steps.len()).map(|index| index.to_string());
        let left: Vec<String> = ids.filter(|id| !completed.contains(id)).collect();
        prop_assert_eq!(answer.failed().collect::<Vec<_>>(), left);
    }
}
