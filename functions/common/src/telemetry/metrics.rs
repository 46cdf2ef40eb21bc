//! Metrics as log lines.

use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::config::environment;

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
///
/// ```
/// use common::telemetry::{Metrics, Unit};
///
/// let metrics = Metrics::new("shop");
/// metrics.count(common::clock::now(), "Orders");
/// metrics.put(common::clock::now(), &[("Waited", Unit::Milliseconds, 12.5)]);
/// ```
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
}
