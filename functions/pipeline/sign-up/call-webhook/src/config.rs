//! What the function is told by its environment.

use std::time::Duration;

use common::batch::{Backoff, Settings};
use common::config::{ConfigError, Variables};

use crate::targets::WebhookUrl;

/// The function's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Table of runs.
    pub runs_table: String,
    /// After so many receives the queue gives a message up.
    pub max_receives: u32,
    /// The step that is done here; others are other receivers'.
    pub step: String,
    /// Where to post to; the default for nowhere.
    pub url: WebhookUrl,
    /// Secret that holds the keys of signatures.
    pub key_arn: String,
    /// Whether private addresses and plain HTTP are posted to.
    pub allow_private: bool,
    /// How long an answer is waited for.
    pub timeout: Duration,
    /// How long a receiver may put a message off.
    pub longest_wait: Duration,
}

impl Config {
    /// Reads all of it; the README lists the variables.
    ///
    /// # Errors
    /// All variables that are missing, malformed or out of range.
    pub fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
        variables.read(|v| {
            Self {
                runs_table: v.required("RUNS_TABLE"),
                max_receives: v.required("MAX_RECEIVE_COUNT"),
                step: v.required("WEBHOOK_STEP"),
                url: v.optional("WEBHOOK_URL", WebhookUrl::default()),
                key_arn: v.required("WEBHOOK_KEY_ARN"),
                allow_private: v.optional("ALLOW_PRIVATE_TARGETS", false),
                timeout: Duration::from_secs(v.bounded("WEBHOOK_TIMEOUT_SECONDS", 10, 1..=30)),
                // Later than this, whoever looks for runs that stand still would send it again.
                longest_wait: Duration::from_secs(v.bounded(
                    "MAX_RETRY_AFTER_SECONDS",
                    600,
                    1..=900,
                )),
            }
        })
    }

    /// Where to post to, or why nowhere. It fails steps and not the start: whoever has taken the
    /// URL away must still be able to end the runs that were to call it.
    ///
    /// # Errors
    /// In words for operators.
    pub fn target(&self) -> Result<WebhookUrl, &'static str> {
        if self.url == WebhookUrl::default() {
            Err("no webhook is configured")
        } else if self.allow_private || self.url.is_for_public() {
            Ok(self.url.clone())
        } else {
            Err("the webhook is not one of https to a public host")
        }
    }

    /// How batches are worked through. Receivers that fail need minutes rather than seconds.
    #[must_use]
    pub fn batch_settings(&self) -> Settings {
        Settings {
            max_receives: Some(self.max_receives),
            backoff: Backoff { base: Duration::from_secs(30), cap: self.longest_wait },
            ..Settings::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(own: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let lookup = |name: &str| {
            let found = own.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            let usual = match name {
                "RUNS_TABLE" | "WEBHOOK_KEY_ARN" | "WEBHOOK_STEP" => Some("set"),
                "MAX_RECEIVE_COUNT" => Some("5"),
                "WEBHOOK_URL" => Some("https://hooks.example/hunter2"),
                _ => None,
            };
            found.or(usual).filter(|value| !value.is_empty()).map(str::to_owned)
        };
        Config::read(Variables::from_fn(&lookup))
    }

    #[test]
    fn only_public_targets_are_posted_to_unless_it_is_said_otherwise() {
        let config = read(&[]).unwrap();
        assert!(!config.allow_private);
        assert_eq!((config.timeout.as_secs(), config.longest_wait.as_secs()), (10, 600));
        assert!(config.target().is_ok());
        for url in ["http://hooks.example/", "https://169.254.169.254/", "https://[::1]/"] {
            let refused = read(&[("WEBHOOK_URL", url)]).unwrap().target();
            assert_eq!(refused, Err("the webhook is not one of https to a public host"));
            let allowed = read(&[("WEBHOOK_URL", url), ("ALLOW_PRIVATE_TARGETS", "true")]);
            assert!(allowed.unwrap().target().is_ok());
        }
    }

    #[test]
    fn a_url_that_was_taken_away_does_not_stop_the_start() {
        for allowed in ["true", "false"] {
            let config = read(&[("WEBHOOK_URL", ""), ("ALLOW_PRIVATE_TARGETS", allowed)]).unwrap();
            assert_eq!(config.target(), Err("no webhook is configured"));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for (name, value) in [
            ("WEBHOOK_STEP", ""),
            ("WEBHOOK_URL", "hooks.example/hunter2"),
            ("WEBHOOK_URL", "https://ada:hunter2@hooks.example/"),
            ("ALLOW_PRIVATE_TARGETS", "yes"),
            ("WEBHOOK_TIMEOUT_SECONDS", "0"),
            ("WEBHOOK_TIMEOUT_SECONDS", "31"),
            ("MAX_RETRY_AFTER_SECONDS", "901"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert_eq!(error.problems().len(), 1, "{error}");
            assert!(error.problems()[0].starts_with(name), "{error}");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_url_is_not_shown() {
        assert!(!format!("{:?}", read(&[]).unwrap()).contains("hunter2"));
    }
}
