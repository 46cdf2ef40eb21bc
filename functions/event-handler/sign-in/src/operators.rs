//! Operators: users who may see more than their own.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::user::{Username, UsernameError};

/// The users who may see what all others do.
///
/// They are known by their names, so nobody may take such a name by signing up.
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
}
