//! What the function is told by its environment.

use std::time::Duration;

use common::config::{ConfigError, Variables};
use sign_in::Operators;

/// The function's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Table of users and their addresses, with the partition key `pk`.
    pub users_table: String,
    /// Table of runs, with the keys `pk` and `sk` and time to live on `expires`.
    pub runs_table: String,
    /// Table of idempotency records, with the partition key `pk` and time to live on `expires`.
    pub idempotency_table: String,
    /// How long a repeated request gets the first answer.
    pub idempotency_retention: Duration,
    /// How long a run is kept.
    pub run_retention: Duration,
    /// Whether there is a webhook that hears of new users.
    pub webhook: bool,
    /// Whose names cannot be taken.
    pub operators: Operators,
}

impl Config {
    /// Reads all of it; the README lists the variables.
    ///
    /// # Errors
    /// All variables that are missing, malformed or out of range.
    pub fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
        variables.read(|v| {
            let retention = v.bounded("IDEMPOTENCY_RETENTION_SECONDS", DAY, 1..=365 * DAY);
            Self {
                users_table: v.required("USERS_TABLE"),
                runs_table: v.required("RUNS_TABLE"),
                idempotency_table: v.required("IDEMPOTENCY_TABLE"),
                idempotency_retention: Duration::from_secs(retention),
                run_retention: Duration::from_secs(
                    DAY * v.bounded("RUN_RETENTION_DAYS", 90, 1..=3650),
                ),
                webhook: v.optional("SIGN_UP_WEBHOOK", false),
                operators: v.optional("OPERATORS", Operators::default()),
            }
        })
    }
}

const DAY: u64 = 24 * 60 * 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(own: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let lookup = |name: &str| {
            let found = own.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            found.or(name.ends_with("TABLE").then_some("table")).map(str::to_owned)
        };
        Config::read(Variables::from_fn(&lookup))
    }

    #[test]
    fn runs_are_kept_for_ninety_days_and_nobody_is_called_unless_set() {
        let config = read(&[]).unwrap();
        assert_eq!(config.idempotency_retention, Duration::from_secs(86_400));
        assert_eq!((config.run_retention.as_secs(), config.webhook), (90 * 86_400, false));
        assert!(read(&[("SIGN_UP_WEBHOOK", "true")]).unwrap().webhook);
    }

    #[test]
    fn what_is_out_of_range_is_refused_by_name() {
        for (name, value) in [
            ("IDEMPOTENCY_RETENTION_SECONDS", "0"),
            ("IDEMPOTENCY_RETENTION_SECONDS", "31536001"),
            ("RUN_RETENTION_DAYS", "0"),
            ("RUN_RETENTION_DAYS", "3651"),
            ("SIGN_UP_WEBHOOK", "https://hooks.example"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.problems()[0].starts_with(name), "{error}");
        }
    }
}
