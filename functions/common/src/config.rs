//! One struct a function, all missing variables named at once.
//!
//! A function that stops at the first missing variable is deployed once per mistake. Here every
//! variable is read, every problem is collected, and one error names them all.
//!
//! ```
//! use common::config::{ConfigError, Variables};
//!
//! #[derive(Debug)]
//! struct Config {
//!     table: String,
//!     page_size: u32,
//! }
//!
//! impl Config {
//!     fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
//!         variables.read(|v| Self {
//!             table: v.required("WIDGETS_TABLE"),
//!             page_size: v.optional("PAGE_SIZE", 20),
//!         })
//!     }
//! }
//!
//! let none = |_: &str| None;
//! let error = Config::read(Variables::from_fn(&none)).unwrap_err();
//! assert_eq!(error.to_string(), "configuration: WIDGETS_TABLE is not set");
//! ```

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Everything that is wrong with a function's configuration.
///
/// The message never contains a value, because a value may be a secret.
#[derive(Debug, thiserror::Error)]
#[error("configuration: {}", problems.join("; "))]
pub struct ConfigError {
    problems: Vec<String>,
}

impl ConfigError {
    /// One sentence per problem, in the order the variables were read.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }
}

/// Reads variables and remembers what was wrong with them.
#[expect(missing_debug_implementations, reason = "holds a closure over secrets")]
pub struct Variables<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    problems: Vec<String>,
}

/// Looks a variable up in the environment of the process. An empty one counts as missing.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one home of environment variables")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Variables<'static> {
    /// Reads from the environment of the process.
    #[must_use]
    pub fn from_env() -> Self {
        Self::from_fn(&environment)
    }
}

impl<'a> Variables<'a> {
    /// Reads from any source; tests give a closure over a map.
    #[must_use]
    pub fn from_fn(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, problems: Vec::new() }
    }

    /// Builds a configuration, unless anything was missing or malformed.
    ///
    /// # Errors
    /// All problems found while `build` ran.
    pub fn read<C>(mut self, build: impl FnOnce(&mut Self) -> C) -> Result<C, ConfigError> {
        let config = build(&mut self);
        if self.problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError { problems: self.problems })
        }
    }

    /// A variable that must be set.
    ///
    /// When it is missing or malformed the problem is recorded and a default stands in until
    /// [`Variables::read`] fails.
    pub fn required<T>(&mut self, name: &str) -> T
    where
        T: FromStr<Err: Display> + Default,
    {
        if let Some(text) = (self.lookup)(name) {
            return self.parse(name, &text).unwrap_or_default();
        }
        self.problems.push(format!("{name} is not set"));
        T::default()
    }

    /// A variable with a default.
    pub fn optional<T>(&mut self, name: &str, default: T) -> T
    where
        T: FromStr<Err: Display>,
    {
        match (self.lookup)(name) {
            Some(text) => self.parse(name, &text).unwrap_or(default),
            None => default,
        }
    }

    /// A number with a default, from a range.
    pub fn bounded<T>(&mut self, name: &str, default: T, range: RangeInclusive<T>) -> T
    where
        T: FromStr<Err: Display> + PartialOrd + Display,
    {
        let value = self.optional(name, default);
        if !range.contains(&value) {
            self.problems.push(format!("{name} is from {} to {}", range.start(), range.end()));
        }
        value
    }

    /// Records a problem that only the caller can see, such as two variables that disagree.
    pub fn problem(&mut self, problem: impl Into<String>) {
        self.problems.push(problem.into());
    }

    fn parse<T: FromStr<Err: Display>>(&mut self, name: &str, text: &str) -> Option<T> {
        text.parse().map_err(|error| self.problems.push(format!("{name}: {error}"))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<(String, u32, u64), ConfigError> {
        let lookup = |name: &str| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Variables::from_fn(&lookup)
            .read(|v| (v.required("TABLE"), v.required("SHARDS"), v.optional("TIMEOUT_MS", 250)))
    }

    #[test]
    fn every_problem_is_named_at_once() {
        let error = read(&[("TIMEOUT_MS", "soon")]).unwrap_err();
        assert_eq!(
            error.problems(),
            ["TABLE is not set", "SHARDS is not set", "TIMEOUT_MS: invalid digit found in string"]
        );
    }

    #[test]
    fn a_malformed_value_is_not_quoted() {
        let error = read(&[("TABLE", "t"), ("SHARDS", "hunter2")]).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_number_outside_its_range_is_a_problem() {
        let read = |text: &str| {
            let lookup = |_: &str| Some(text.to_owned());
            Variables::from_fn(&lookup).read(|v| v.bounded("RETRIES", 3_u8, 1..=5))
        };
        assert_eq!([read("1").unwrap(), read("5").unwrap()], [1, 5]);
        for text in ["0", "6"] {
            assert_eq!(read(text).unwrap_err().problems(), ["RETRIES is from 1 to 5"]);
        }
        assert_eq!(read("300").unwrap_err().problems().len(), 1);
    }

    #[test]
    fn defaults_stand_in_for_optional_variables() {
        assert_eq!(read(&[("TABLE", "t"), ("SHARDS", "4")]).unwrap(), ("t".to_owned(), 4, 250));
    }
}
