//! What the function is told, and what it answers.
//!
//! A stream hands records on in order, and goes back to the first that is reported as failed. So
//! only that one is named; what comes after it is delivered again, which is harmless.

use std::collections::BTreeSet;

use common::journal::RunId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// What the function is told.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// Runs have changed.
    Changed(Vec<Change>),
    /// It is time to look at all of them.
    Sweep,
}

/// A record of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where in the stream it is.
    pub sequence_number: String,
    /// What run has changed; none if the record is about something else.
    pub run: Option<RunId>,
}

/// What the function cannot read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// It is neither an event of a stream nor of a schedule.
    #[error("the event is neither one of a DynamoDB stream nor of a schedule")]
    Kind,
    /// A record has no place in the stream, so that it could not be reported.
    #[error("a record has no SequenceNumber")]
    Nameless,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default, rename = "Records")]
    records: Option<Vec<&'a RawValue>>,
    #[serde(default, rename = "detail-type")]
    detail_type: Option<String>,
}

impl Told {
    /// Reads an event.
    ///
    /// # Errors
    /// See [`ReadError`]. To answer what could not be read as if it were done would lose it.
    pub fn read(event: &str) -> Result<Self, ReadError> {
        let event: Event<'_> = serde_json::from_str(event).map_err(|_| ReadError::Kind)?;
        match (event.records, event.detail_type.as_deref()) {
            (Some(records), _) => {
                records.into_iter().map(change).collect::<Result<_, _>>().map(Self::Changed)
            }
            (None, Some("Scheduled Event")) => Ok(Self::Sweep),
            _ => Err(ReadError::Kind),
        }
    }
}

fn change(record: &RawValue) -> Result<Change, ReadError> {
    let record: Value = serde_json::from_str(record.get()).map_err(|_| ReadError::Kind)?;
    let sequence_number = record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default();
    if sequence_number.is_empty() {
        return Err(ReadError::Nameless);
    }
    let pk = record["dynamodb"]["Keys"]["pk"]["S"].as_str();
    let run = pk.and_then(|pk| pk.strip_prefix("run#")?.parse().ok());
    Ok(Change { sequence_number: sequence_number.to_owned(), run })
}

/// The runs that have changed, each once, in the order of their first change.
#[must_use]
pub fn runs(changes: &[Change]) -> Vec<RunId> {
    let mut seen = BTreeSet::new();
    changes.iter().filter_map(|change| change.run).filter(|run| seen.insert(*run)).collect()
}

/// The answer to Lambda: where the stream is to go back to.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Answer {
    #[serde(rename = "batchItemFailures")]
    failures: Vec<Failure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    item_identifier: String,
}

impl Answer {
    /// Goes back to the first change of a run that was not moved on.
    #[must_use]
    pub fn back_to(changes: &[Change], failed: &BTreeSet<RunId>) -> Self {
        let first =
            changes.iter().find(|change| change.run.is_some_and(|run| failed.contains(&run)));
        let failures =
            first.map(|change| Failure { item_identifier: change.sequence_number.clone() });
        Self { failures: failures.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(number: u32, run: &str) -> String {
        format!(
            r#"{{"eventName":"MODIFY","dynamodb":{{"Keys":{{"pk":{{"S":"{run}"}},"sk":{{"S":"run"}}}},"SequenceNumber":"{number}"}}}}"#
        )
    }

    fn changes(runs: &[&str]) -> Vec<Change> {
        let records: Vec<String> = (1..).zip(runs).map(|(n, run)| record(n, run)).collect();
        match Told::read(&format!(r#"{{"Records":[{}]}}"#, records.join(","))) {
            Ok(Told::Changed(changes)) => changes,
            other => panic!("{other:?}"),
        }
    }

    fn run(bits: u128) -> String {
        format!("run#{}", RunId::from_bits(bits))
    }

    #[test]
    fn each_run_is_looked_at_once() {
        let found = changes(&[&run(2), &run(1), &run(2), "user#ada", "run#7"]);
        assert_eq!(runs(&found), [RunId::from_bits(2), RunId::from_bits(1)]);
    }

    #[test]
    fn the_stream_goes_back_to_the_first_change_that_failed() {
        let found = changes(&[&run(1), &run(2), &run(3), &run(2)]);
        let answer = |failed: &[u128]| {
            let failed = failed.iter().copied().map(RunId::from_bits).collect();
            serde_json::to_string(&Answer::back_to(&found, &failed)).unwrap()
        };
        assert_eq!(answer(&[]), r#"{"batchItemFailures":[]}"#);
        assert_eq!(answer(&[3, 2]), r#"{"batchItemFailures":[{"itemIdentifier":"2"}]}"#);
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_not_done() {
        for event in ["{}", "[]", "7", r#"{"Records":null}"#, r#"{"detail-type":"Other"}"#] {
            assert_eq!(Told::read(event), Err(ReadError::Kind), "{event}");
        }
        let nameless = r#"{"Records":[{"dynamodb":{"Keys":{"pk":{"S":"run#7"}}}}]}"#;
        assert_eq!(Told::read(nameless), Err(ReadError::Nameless));
    }

    #[test]
    fn a_schedule_asks_for_a_sweep() {
        let event = r#"{"version":"0","detail-type":"Scheduled Event","source":"aws.events"}"#;
        assert_eq!(Told::read(event), Ok(Told::Sweep));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text in ".{0,80}") {
            let _ = Told::read(&text);
        }
    }
}
