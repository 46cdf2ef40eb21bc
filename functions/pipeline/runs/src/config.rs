//! What the function is told by its environment.

use std::collections::BTreeSet;
use std::str::FromStr;

use common::config::{ConfigError, Variables};
use sign_in::Username;
use sign_in::user::UsernameError;

/// The function's configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Table of runs, with the keys `pk` and `sk` and the index `by-state`.
    pub runs_table: String,
    /// Table of sessions, with the partition key `pk`.
    pub sign_in_table: String,
    /// Who may list runs.
    pub operators: Operators,
}

/// The users who may list runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operators(BTreeSet<String>);

impl Operators {
    /// Whether a user is one of them, in whatever spelling their name is stored.
    #[must_use]
    pub fn include(&self, username: &str) -> bool {
        let name: Result<Username, _> = username.parse();
        name.is_ok_and(|name| self.0.contains(&name.canonical()))
    }
}

impl FromStr for Operators {
    type Err = UsernameError;

    /// Reads user names between commas; none in an empty text.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let canonical = names.map(|name| name.parse().map(|name: Username| name.canonical()));
        canonical.collect::<Result<_, _>>().map(Self)
    }
}

impl Config {
    /// Reads all of it; the README lists the variables.
    ///
    /// # Errors
    /// All variables that are missing or malformed.
    pub fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
        variables.read(|v| Self {
            runs_table: v.required("RUNS_TABLE"),
            sign_in_table: v.required("SIGN_IN_TABLE"),
            operators: v.optional("OPERATORS", Operators::default()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_known_in_any_spelling() {
        let operators: Operators = " Ada, ÜNAL ,,".parse().unwrap();
        for name in ["ada", "ADA", "u\u{308}nal"] {
            assert!(operators.include(name), "{name}");
        }
        for name in ["", "bob", "ada, ünal", "ad"] {
            assert!(!operators.include(name), "{name}");
        }
    }

    #[test]
    fn nobody_is_an_operator_unless_somebody_is_named() {
        let lookup = |name: &str| (name != "OPERATORS").then(|| "set".to_owned());
        let config = Config::read(Variables::from_fn(&lookup)).unwrap();
        assert_eq!(config.operators, Operators::default());
        assert!(!config.operators.include("ada") && !config.operators.include(""));
    }

    #[test]
    fn what_is_no_name_stops_the_start() {
        let lookup = |name: &str| (name == "OPERATORS").then(|| "a\nb".to_owned());
        let error = Config::read(Variables::from_fn(&lookup)).unwrap_err();
        assert_eq!(error.problems().len(), 3, "{error}");
    }
}
