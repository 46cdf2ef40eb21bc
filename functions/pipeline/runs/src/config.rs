//! What the function is told by its environment.

use common::config::{ConfigError, Variables};
use sign_in::Operators;

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
