//! What the function is told by its environment.

use std::time::Duration;

use common::config::{ConfigError, Variables};

/// The function's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Table of runs, with the keys `pk` and `sk` and the index `by-state`.
    pub runs_table: String,
    /// Topic that steps are published to.
    pub steps_topic_arn: String,
    /// Age from which a run that has not ended counts as stalled.
    pub stalled_after: Duration,
}

impl Config {
    /// Reads `RUNS_TABLE`, `STEPS_TOPIC_ARN` and `STALLED_AFTER_SECONDS` (two hours unless set).
    ///
    /// # Errors
    /// All variables that are missing, malformed or out of range.
    pub fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
        variables.read(|v| Self {
            runs_table: v.required("RUNS_TABLE"),
            steps_topic_arn: v.required("STEPS_TOPIC_ARN"),
            stalled_after: Duration::from_secs(v.bounded(
                "STALLED_AFTER_SECONDS",
                7200,
                60..=86400,
            )),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_may_take_a_quarter_of_an_hour_unless_said_otherwise() {
        let lookup = |name: &str| (!name.contains("SECONDS")).then(|| "set".to_owned());
        let config = Config::read(Variables::from_fn(&lookup)).unwrap();
        assert_eq!(config.stalled_after, Duration::from_secs(7200));
        let soon =
            |name: &str| Some(if name.contains("SECONDS") { "59" } else { "set" }.to_owned());
        assert_eq!(Config::read(Variables::from_fn(&soon)).unwrap_err().problems().len(), 1);
    }
}
