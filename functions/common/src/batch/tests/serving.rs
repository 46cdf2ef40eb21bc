//! What is around a batch: the invocation, logs and metrics.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::samples::{event, record, start};
use super::*;

/// What was logged, at all levels.
#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn logs_name_records_and_nothing_that_is_in_them() {
    let mut envelope = record("id-4", "hunter2", "");
    envelope["body"] = json!({ "hunter2": 1 });
    let mut traced = record("id-1", "hunter2", r#""succeed""#);
    traced["attributes"]["AWSTraceHeader"] = json!("Root=1-5759e988");
    traced["messageAttributes"] = json!({ "hunter2": { "stringValue": "hunter2" } });
    let records = vec![
        traced,
        record("id-2", "hunter2", r#""hunter2""#),
        record("id-3", "hunter2", r#"{"hunter2":1}"#),
        envelope,
        record("id-5", "hunter2", r#""fail""#),
    ];
    let broken = processor(MemoryVisibility::broken(), settings(0));
    // With one listener only, a line that the thread of another test logs first would stay off.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let output = Output::default();
    let writer = output.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    run(&broken, "codes", records, None).await.unwrap();
    drop(guard);

    let text = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
    assert!(!text.contains("hunter2"), "{text}");
    for id in ["id-1", "id-2", "id-3", "id-4", "id-5"] {
        assert_eq!(text.lines().filter(|line| line.contains(id)).count(), 1, "{text}");
    }
    for word in ["Root=1-5759e988", "told to", "Data at line 1", "visibility is broken"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

fn invocation(payload: &str, deadline: u64) -> LambdaEvent<Box<RawValue>> {
    let mut context = lambda_runtime::Context::default();
    context.deadline = deadline;
    LambdaEvent::new(serde_json::from_str(payload).unwrap(), context)
}

#[tokio::test(start_paused = true)]
async fn an_event_of_another_kind_is_an_error() {
    let processor = processor(MemoryVisibility::default(), settings(0));
    let event = invocation(r#"{"detail-type":"Scheduled Event"}"#, 0);
    let error = answer(&processor, &event, start()).await.unwrap_err();
    assert_eq!(error, BatchError::NotSqs);
    let diagnostic = lambda_runtime::Diagnostic::from(error);
    assert!(diagnostic.error_message.contains("not one of SQS"));
}

#[tokio::test(start_paused = true)]
async fn an_invocation_has_the_deadline_lambda_gives_it_in_milliseconds() {
    let processor = processor(MemoryVisibility::default(), settings(0));
    let text = event("codes", vec![record("a", "g", r#"{"wait":2000}"#)]);
    let milliseconds = clock::epoch_seconds(start()) * 1_000;
    for (deadline, fails) in [(milliseconds + 2_500, 1), (milliseconds + 3_500, 0), (60_000, 0)] {
        let answer = answer(&processor, &invocation(&text, deadline), start()).await.unwrap();
        assert_eq!(failed(&answer).len(), fails, "{deadline}");
    }
}

#[test]
fn metrics_count_what_became_of_records() {
    let counts =
        Counts { records: 9, transient: 1, permanent: 2, undecodable: 3, cut_off: 4, held_back: 5 };
    let values = values(counts).map(|(name, _, value)| (name, value));
    assert_eq!(
        values,
        [
            ("Records", 9.0),
            ("RecordsTransient", 1.0),
            ("RecordsPermanent", 2.0),
            ("RecordsUndecodable", 3.0),
            ("RecordsCutOff", 4.0),
            ("RecordsHeldBack", 5.0),
        ]
    );
}
