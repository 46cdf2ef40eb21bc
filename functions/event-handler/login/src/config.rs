//! What the function is told by its environment.

use std::time::Duration;

use common::config::{ConfigError, Variables};

/// The function's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Table of users, with the partition key `pk`.
    pub users_table: String,
    /// Table of challenges, counters and sessions, with the partition key `pk` and time to live on
    /// `expires`.
    pub sign_in_table: String,
    /// Queue from which `two-factor` takes what codes are wanted.
    pub codes_queue_url: String,
    /// Secret that holds the key of codes and counters.
    pub sign_in_key_arn: String,
    /// The rules of signing in.
    pub rules: Rules,
}

/// The rules of signing in.
#[derive(Debug, Clone)]
pub struct Rules {
    /// How long a sign-in may take, from the password to the code. NIST SP 800-63B-4 (3.1.3.2)
    /// allows ten minutes.
    pub sign_in_ttl: Duration,
    /// How long a session lasts.
    pub session_ttl: Duration,
    /// Guesses at the codes of one sign-in.
    pub max_attempts: u32,
    /// Codes of one sign-in.
    pub max_codes: u32,
    /// Time between two codes of one sign-in.
    pub resend_cooldown: Duration,
    /// Wrong passwords of a user in an hour.
    pub max_failures_per_user: u32,
    /// Wrong passwords from an address in an hour.
    pub max_failures_per_address: u32,
    /// Codes of a user in an hour.
    pub max_codes_per_user: u32,
    /// Codes asked for from an address in an hour.
    pub max_codes_per_address: u32,
    /// So many of a hundred codes of a country must be entered to keep it open.
    pub min_conversion_percent: u32,
}

impl Config {
    /// Reads all of it; the README lists the variables.
    ///
    /// # Errors
    /// All variables that are missing, malformed or out of range.
    pub fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
        variables.read(|v| Self {
            users_table: v.required("USERS_TABLE"),
            sign_in_table: v.required("SIGN_IN_TABLE"),
            codes_queue_url: v.required("CODES_QUEUE_URL"),
            sign_in_key_arn: v.required("SIGN_IN_KEY_ARN"),
            rules: Rules::read(v),
        })
    }
}

impl Rules {
    fn read(v: &mut Variables<'_>) -> Self {
        const ANY: u32 = 1_000_000_000;
        Self {
            sign_in_ttl: Duration::from_secs(v.bounded("SIGN_IN_TTL_SECONDS", 600, 60..=600)),
            session_ttl: Duration::from_secs(v.bounded("SESSION_TTL_SECONDS", 28800, 300..=86400)),
            max_attempts: v.bounded("MAX_CODE_ATTEMPTS", 5, 1..=10),
            max_codes: v.bounded("MAX_CODES_PER_SIGN_IN", 3, 1..=5),
            resend_cooldown: Duration::from_secs(v.bounded("RESEND_COOLDOWN_SECONDS", 30, 1..=300)),
            max_failures_per_user: v.bounded("MAX_PASSWORD_FAILURES_PER_USER", 10, 1..=100),
            max_failures_per_address: v.bounded("MAX_PASSWORD_FAILURES_PER_ADDRESS", 100, 1..=ANY),
            max_codes_per_user: v.bounded("MAX_CODES_PER_USER", 5, 1..=ANY),
            max_codes_per_address: v.bounded("MAX_CODES_PER_ADDRESS", 30, 1..=ANY),
            min_conversion_percent: v.bounded("MIN_CONVERSION_PERCENT", 20, 1..=100),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(own: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let lookup = |name: &str| {
            let found = own.iter().find(|(key, _)| *key == name);
            let is_limit = name.contains("SECONDS") || name.starts_with('M');
            found.map_or_else(
                || (!is_limit).then(|| "set".to_owned()),
                |(_, v)| Some((*v).to_owned()),
            )
        };
        Config::read(Variables::from_fn(&lookup))
    }

    #[test]
    fn rules_are_safe_unless_set() {
        let rules = read(&[]).unwrap().rules;
        assert_eq!((rules.max_attempts, rules.sign_in_ttl), (5, Duration::from_secs(600)));
    }

    #[test]
    fn no_rule_can_be_switched_off() {
        for (name, value) in [
            ("SIGN_IN_TTL_SECONDS", "601"),
            ("MAX_CODE_ATTEMPTS", "11"),
            ("MAX_CODES_PER_SIGN_IN", "0"),
            ("RESEND_COOLDOWN_SECONDS", "0"),
            ("MAX_PASSWORD_FAILURES_PER_USER", "101"),
            ("MIN_CONVERSION_PERCENT", "0"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert!(error.problems()[0].starts_with(name), "{error}");
        }
    }
}
