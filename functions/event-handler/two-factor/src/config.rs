//! What the function is told by its environment.

use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use common::batch::{Backoff, Settings};
use common::config::{ConfigError, Variables};
use sign_in::limits::TextLimits;

use crate::text;

/// The function's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Table of challenges and counters, with the partition key `pk` and time to live on `expires`.
    pub sign_in_table: String,
    /// Secret that holds the key of codes and counters.
    pub sign_in_key_arn: String,
    /// After so many receives the queue gives a message up.
    pub max_receives: u32,
    /// Who the text says it is from, where countries allow that; empty for a number.
    pub sender: SenderId,
    /// The rules of making codes.
    pub rules: Rules,
}

/// The rules of making codes.
#[derive(Debug, Clone)]
pub struct Rules {
    /// How long a code can be entered.
    pub code_ttl: Duration,
    /// How many texts there may be.
    pub limits: TextLimits,
    /// Which countries get texts.
    pub countries: CountryCodes,
    /// The host that codes are for.
    pub host: String,
}

impl Config {
    /// Reads all of it; the README lists the variables.
    ///
    /// # Errors
    /// All variables that are missing, malformed or out of range.
    pub fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
        variables.read(|v| Self {
            sign_in_table: v.required("SIGN_IN_TABLE"),
            sign_in_key_arn: v.required("SIGN_IN_KEY_ARN"),
            max_receives: v.required("MAX_RECEIVE_COUNT"),
            sender: v.optional("SMS_SENDER_ID", SenderId::default()),
            rules: Rules::read(v),
        })
    }
}

impl Config {
    /// How batches are worked through. Somebody waits for the code, so what failed comes again
    /// soon; all codes raise the same counter of the day, so not many are made at once.
    #[must_use]
    pub fn batch_settings(&self) -> Settings {
        Settings {
            concurrency: NonZeroUsize::MIN.saturating_add(1),
            max_receives: Some(self.max_receives),
            backoff: Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(20) },
            ..Settings::default()
        }
    }
}

impl Rules {
    fn read(v: &mut Variables<'_>) -> Self {
        const ANY: u32 = 1_000_000_000;
        let rules = Self {
            code_ttl: Duration::from_secs(v.bounded("CODE_TTL_SECONDS", 300, 60..=600)),
            limits: TextLimits {
                per_phone: v.bounded("MAX_CODES_PER_PHONE", 10, 1..=ANY),
                per_day: v.bounded("MAX_CODES_PER_DAY", 1000, 1..=ANY),
                per_country: v.bounded("MAX_CODES_PER_COUNTRY", 200, 1..=ANY),
                unconverted: v.bounded("MAX_UNCONVERTED_CODES", 50, 1..=ANY),
            },
            countries: v.required("ALLOWED_COUNTRY_CODES"),
            host: v.required("SIGN_IN_HOST"),
        };
        if !text::fits(&rules.host) {
            v.problem("SIGN_IN_HOST is too long for one text message");
        }
        rules
    }
}

/// Prefixes of telephone numbers, such as `1,44`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CountryCodes(Vec<String>);

/// What is listed are no country codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("country codes are digits, separated by commas")]
pub struct CountryCodesError;

impl CountryCodes {
    /// The prefixes.
    #[must_use]
    pub fn prefixes(&self) -> &[String] {
        &self.0
    }
}

impl FromStr for CountryCodes {
    type Err = CountryCodesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let codes: Vec<String> = text.split(',').map(|code| code.trim().to_owned()).collect();
        let is_code = |code: &String| {
            !code.is_empty() && !code.starts_with('0') && code.bytes().all(|b| b.is_ascii_digit())
        };
        if codes.iter().all(is_code) { Ok(Self(codes)) } else { Err(CountryCodesError) }
    }
}

/// Who a text says it is from: 1 to 11 letters and digits, one letter at least (Amazon SNS,
/// "Sender IDs"), or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SenderId(String);

/// A sender that no country takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sender id has 1 to 11 letters and digits, and a letter among them")]
pub struct SenderIdError;

impl SenderId {
    /// The sender, if there is one.
    #[must_use]
    pub fn get(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|sender| !sender.is_empty())
    }
}

impl FromStr for SenderId {
    type Err = SenderIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_sender = text.len() <= 11
            && text.bytes().all(|b| b.is_ascii_alphanumeric())
            && text.bytes().any(|b| b.is_ascii_alphabetic());
        if is_sender || text.is_empty() { Ok(Self(text.to_owned())) } else { Err(SenderIdError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(own: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let lookup = |name: &str| {
            let found = own.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            let usual = match name {
                "MAX_RECEIVE_COUNT" => Some("5"),
                "ALLOWED_COUNTRY_CODES" => Some("1,44"),
                _ if name.starts_with("MAX") || name.ends_with("SECONDS") => None,
                "SMS_SENDER_ID" => None,
                _ => Some("set"),
            };
            found.or(usual).map(str::to_owned)
        };
        Config::read(Variables::from_fn(&lookup))
    }

    #[test]
    fn rules_are_safe_unless_set() {
        let rules = read(&[]).unwrap().rules;
        assert_eq!((rules.limits.per_phone, rules.code_ttl), (10, Duration::from_secs(300)));
        assert_eq!(rules.countries.prefixes(), ["1", "44"]);
    }

    #[test]
    fn what_would_switch_a_rule_off_is_refused_by_name() {
        let host = "h".repeat(100);
        for (name, value) in [
            ("CODE_TTL_SECONDS", "601"),
            ("MAX_CODES_PER_DAY", "0"),
            ("ALLOWED_COUNTRY_CODES", "*"),
            ("ALLOWED_COUNTRY_CODES", "1,,44"),
            ("SMS_SENDER_ID", "not one"),
            ("SMS_SENDER_ID", "12345"),
            ("SIGN_IN_HOST", &host),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.problems()[0].starts_with(name), "{error}");
        }
    }
}
