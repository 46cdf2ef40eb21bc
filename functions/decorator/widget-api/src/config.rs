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
    /// unless set).
    ///
    /// # Errors
    /// All variables that are missing or malformed.
    pub fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
        variables.read(|v| Self {
            widgets_table: v.required("WIDGETS_TABLE"),
            idempotency_table: v.required("IDEMPOTENCY_TABLE"),
            idempotency_retention: Duration::from_secs(
                v.optional("IDEMPOTENCY_RETENTION_SECONDS", 24 * 60 * 60),
            ),
        })
    }
}
