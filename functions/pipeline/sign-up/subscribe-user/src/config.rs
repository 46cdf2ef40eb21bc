//! What the function is told by its environment.

use common::batch::Settings;
use common::config::{ConfigError, Variables};
use mails::{BACKOFF, Origin, Sender};

/// The function's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Table of runs, with the keys `pk` and `sk`.
    pub runs_table: String,
    /// Table of subscribers, with the partition key `pk`.
    pub subscribers_table: String,
    /// After so many receives the queue gives a message up.
    pub max_receives: u32,
    /// Who mails are from.
    pub sender: Sender,
    /// Configuration set of SES; empty for none.
    pub configuration_set: String,
    /// Secret that holds the key of links.
    pub link_key_arn: String,
    /// Where links lead to.
    pub origin: Origin,
}

impl Config {
    /// Reads all of it; the README lists the variables.
    ///
    /// # Errors
    /// All variables that are missing or malformed.
    pub fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
        variables.read(|v| Self {
            runs_table: v.required("RUNS_TABLE"),
            subscribers_table: v.required("SUBSCRIBERS_TABLE"),
            max_receives: v.required("MAX_RECEIVE_COUNT"),
            sender: v.required("MAIL_FROM"),
            configuration_set: v.optional("CONFIGURATION_SET", String::new()),
            link_key_arn: v.required("LINK_KEY_ARN"),
            origin: v.required("CONFIRM_URL"),
        })
    }

    /// How batches are worked through.
    #[must_use]
    pub fn batch_settings(&self) -> Settings {
        Settings { max_receives: Some(self.max_receives), backoff: BACKOFF, ..Settings::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(own: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let lookup = |name: &str| {
            let usual = match name {
                "MAX_RECEIVE_COUNT" => Some("5"),
                "MAIL_FROM" => Some("hello@example.com"),
                "CONFIRM_URL" => Some("https://api.example"),
                "CONFIGURATION_SET" => None,
                _ => Some("set"),
            };
            let found = own.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            found.or(usual).map(str::to_owned)
        };
        Config::read(Variables::from_fn(&lookup))
    }

    #[test]
    fn a_configuration_set_is_optional_and_batches_know_the_last_receive() {
        let config = read(&[]).unwrap();
        assert_eq!(config.configuration_set, "");
        assert_eq!(config.batch_settings().max_receives, Some(5));
    }

    #[test]
    fn what_is_malformed_is_refused_by_name() {
        for (name, value) in
            [("MAIL_FROM", "hello"), ("CONFIRM_URL", "api.example"), ("MAX_RECEIVE_COUNT", "few")]
        {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.problems()[0].starts_with(name), "{error}");
        }
    }
}
