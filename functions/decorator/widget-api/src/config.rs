//! What the function is told by its environment.

use std::time::Duration;

use common::config::{ConfigError, Variables};

/// The function's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Table of widgets, with the partition key `id`.
    pub widgets_table: String,
    /// Table of idempotency records, with the partition key `pk` and time to live on `expires`.
    pub idempotency_table: String,
    /// How long a repeated request gets the first answer.
    pub idempotency_retention: Duration,
}

impl Config {
    /// Reads `WIDGETS_TABLE`, `IDEMPOTENCY_TABLE` and `IDEMPOTENCY_RETENTION_SECONDS` (one day
    /// unless set, one year at most).
    ///
    /// # Errors
    /// All variables that are missing or malformed.
    pub fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
        variables.read(|v| {
            let retention = v.bounded("IDEMPOTENCY_RETENTION_SECONDS", DAY, 1..=365 * DAY);
            Self {
                widgets_table: v.required("WIDGETS_TABLE"),
                idempotency_table: v.required("IDEMPOTENCY_TABLE"),
                idempotency_retention: Duration::from_secs(retention),
            }
        })
    }
}

const DAY: u64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(retention: &str) -> usize {
        let lookup = |name: &str| {
            Some(if name.ends_with("SECONDS") { retention } else { "table" }.to_owned())
        };
        let config = Config::read(Variables::from_fn(&lookup));
        config.err().map_or(0, |error| error.problems().len())
    }

    #[test]
    fn answers_are_kept_for_a_second_to_a_year() {
        assert_eq!(["1", "86400", "31536000"].map(faults), [0, 0, 0]);
        assert_eq!(["0", "31536001", "18446744073709551615"].map(faults), [1, 1, 1]);
    }
}
