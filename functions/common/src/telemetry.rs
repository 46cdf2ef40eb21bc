//! JSON logs and CloudWatch metrics with nothing personal in them.
//!
//! One line per event on standard output, which Lambda sends to CloudWatch Logs. Libraries may
//! only warn: at finer levels the AWS SDK and hyper write requests out, and requests hold data of
//! people.

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::environment;

/// Crates whose events are held to warnings and errors.
const LIBRARIES: [&str; 10] =
    ["aws_", "h2", "hyper", "lambda_", "mio", "rustls", "tokio", "tower", "tracing", "want"];

/// Starts JSON logging at the level Lambda was configured with (`AWS_LAMBDA_LOG_LEVEL`).
///
/// Calling it twice changes nothing, so tests may call it too.
pub fn init() {
    let level = environment("AWS_LAMBDA_LOG_LEVEL")
        .and_then(|text| parse_level(&text))
        .unwrap_or(LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_filter(filter_fn(is_ours));
    // An error means that a subscriber is there already.
    let _ = tracing_subscriber::registry().with(lines).with(level).try_init();
}

/// The names of Lambda's advanced logging controls, of which `FATAL` is not one of `tracing`'s.
fn parse_level(text: &str) -> Option<LevelFilter> {
    match text.to_ascii_uppercase().as_str() {
        "FATAL" => Some(LevelFilter::ERROR),
        other => other.parse().ok(),
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::WARN
        || !LIBRARIES.iter().any(|library| metadata.target().starts_with(library))
}

/// True the first time it is asked in a process: that invocation paid for the start.
pub fn is_cold_start() -> bool {
    static STARTED: AtomicBool = AtomicBool::new(false);
    !STARTED.swap(true, Ordering::Relaxed)
}

/// Unit of a metric, as CloudWatch names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    Count,
    /// A duration in milliseconds.
    Milliseconds,
}

impl Unit {
    const fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
        }
    }
}

/// Writes metrics as log lines in CloudWatch's embedded metric format, without an API call.
#[derive(Debug, Clone)]
pub struct Metrics {
    namespace: &'static str,
    function: String,
}

impl Metrics {
    /// Metrics of this function, under a namespace.
    #[must_use]
    pub fn new(namespace: &'static str) -> Self {
        let function = environment("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|| "local".into());
        Self { namespace, function }
    }

    /// Writes values with the function as their only dimension.
    ///
    /// Never give a name or a value that is made from input: each distinct name is a metric to pay
    /// for.
    pub fn put(&self, now: SystemTime, values: &[(&'static str, Unit, f64)]) {
        let line = self.line(now, values);
        // Nothing useful is left to do when standard output is closed.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }

    /// Counts one occurrence.
    pub fn count(&self, now: SystemTime, name: &'static str) {
        self.put(now, &[(name, Unit::Count, 1.0)]);
    }

    fn line(&self, now: SystemTime, values: &[(&'static str, Unit, f64)]) -> Value {
        let timestamp = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let definitions: Vec<Value> = values
            .iter()
            .map(|(name, unit, _)| json!({ "Name": name, "Unit": unit.name() }))
            .collect();
        let mut line = Map::new();
        line.insert(
            "_aws".into(),
            json!({
                "Timestamp": u64::try_from(timestamp).unwrap_or(u64::MAX),
                "CloudWatchMetrics": [{
                    "Namespace": self.namespace,
                    "Dimensions": [["function"]],
                    "Metrics": definitions,
                }],
            }),
        );
        line.insert("function".into(), json!(self.function));
        for (name, _, value) in values {
            line.insert((*name).into(), json!(value));
        }
        Value::Object(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_metric_line_is_in_the_embedded_metric_format() {
        let metrics = Metrics { namespace: "test", function: "greeter".into() };
        let line = metrics.line(
            UNIX_EPOCH + Duration::from_millis(1_772_357_400_123),
            &[("Replays", Unit::Count, 1.0), ("Took", Unit::Milliseconds, 2.5)],
        );
        assert_eq!(
            line,
            json!({
                "_aws": {
                    "Timestamp": 1_772_357_400_123_u64,
                    "CloudWatchMetrics": [{
                        "Namespace": "test",
                        "Dimensions": [["function"]],
                        "Metrics": [
                            { "Name": "Replays", "Unit": "Count" },
                            { "Name": "Took", "Unit": "Milliseconds" }
                        ],
                    }],
                },
                "function": "greeter",
                "Replays": 1.0,
                "Took": 2.5,
            })
        );
    }

    #[test]
    fn levels_are_the_names_lambda_uses() {
        assert_eq!(parse_level("FATAL"), Some(LevelFilter::ERROR));
        assert_eq!(parse_level("debug"), Some(LevelFilter::DEBUG));
        assert_eq!(parse_level("loud"), None);
    }

    #[test]
    fn only_the_first_invocation_is_a_cold_start() {
        let first = is_cold_start();
        assert!(!is_cold_start() || first);
        assert!(!is_cold_start());
    }
}
