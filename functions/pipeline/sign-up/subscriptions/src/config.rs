//! What the function is told by its environment.

use common::config::{ConfigError, Variables};

/// The function's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Table of subscribers, with the partition key `pk`.
    pub subscribers_table: String,
    /// Secret that holds the key of links.
    pub link_key_arn: String,
}

impl Config {
    /// Reads all of it; the README lists the variables.
    ///
    /// # Errors
    /// All variables that are missing.
    pub fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
        variables.read(|v| Self {
            subscribers_table: v.required("SUBSCRIBERS_TABLE"),
            link_key_arn: v.required("LINK_KEY_ARN"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_missing_is_named() {
        let error = Config::read(Variables::from_fn(&|_| None)).unwrap_err();
        assert_eq!(error.problems(), ["SUBSCRIBERS_TABLE is not set", "LINK_KEY_ARN is not set"]);
    }
}
