//! What the function is told by its environment.

use common::batch::Settings;
use common::config::{ConfigError, Variables};
use mails::{BACKOFF, Origin, Sender};

/// The function's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Table of runs.
    pub runs_table: String,
    /// After so many receives the queue gives a message up.
    pub max_receives: u32,
    /// Who the mail is from.
    pub sender: Sender,
    /// Under which configuration set SES tells what became of it; empty for none.
    pub configuration_set: String,
    /// Where the links in the mail lead to.
    pub origin: Origin,
    /// Secret that holds the key of the links.
    pub link_key_arn: String,
}

impl Config {
    /// Reads all of it; the README lists the variables.
    ///
    /// # Errors
    /// All variables that are missing or malformed.
    pub fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
        variables.read(|v| Self {
            runs_table: v.required("RUNS_TABLE"),
            max_receives: v.required("MAX_RECEIVE_COUNT"),
            sender: v.required("MAIL_FROM"),
            configuration_set: v.optional("CONFIGURATION_SET", String::new()),
            origin: v.required("UNSUBSCRIBE_URL"),
            link_key_arn: v.required("LINK_KEY_ARN"),
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
    use std::time::Duration;

    fn read(own: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let lookup = |name: &str| {
            let found = own.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            let usual = match name {
                "MAX_RECEIVE_COUNT" => Some("12"),
                "MAIL_FROM" => Some("Example <hello@example.com>"),
                "UNSUBSCRIBE_URL" => Some("https://api.example"),
                "CONFIGURATION_SET" => None,
                _ => Some("set"),
            };
            found.or(usual).filter(|value| !value.is_empty()).map(str::to_owned)
        };
        Config::read(Variables::from_fn(&lookup))
    }

    #[test]
    fn a_configuration_set_is_not_needed() {
        assert_eq!(read(&[]).unwrap().configuration_set, "");
        assert_eq!(read(&[("CONFIGURATION_SET", "c")]).unwrap().configuration_set, "c");
    }

    #[test]
    fn what_no_mail_can_be_sent_with_is_refused_by_name() {
        for (name, value) in [
            ("RUNS_TABLE", ""),
            ("LINK_KEY_ARN", ""),
            ("MAX_RECEIVE_COUNT", "five"),
            ("MAIL_FROM", "nobody"),
            ("MAIL_FROM", "a@example.com, b@example.com"),
            ("UNSUBSCRIBE_URL", "api.example"),
            ("UNSUBSCRIBE_URL", "https://api.example>, <https://evil.example"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert_eq!(error.problems().len(), 1, "{error}");
            assert!(error.problems()[0].starts_with(name), "{error}");
        }
    }

    #[test]
    fn a_provider_may_be_away_for_half_an_hour() {
        let settings = read(&[]).unwrap().batch_settings();
        let mean = (1..12).map(|receive| settings.backoff.delay(receive, u32::MAX / 2));
        assert!(mean.sum::<Duration>() > Duration::from_mins(30));
        let longest = (1..12).map(|receive| settings.backoff.delay(receive, u32::MAX)).max();
        assert_eq!(longest, Some(Duration::from_mins(15)), "a sweep waits for longer");
        assert_eq!(settings.max_receives, Some(12));
    }
}
