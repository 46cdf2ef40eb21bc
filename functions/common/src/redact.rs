//! Values that cannot be logged by accident.

use std::fmt;

/// Wraps a secret so that neither `Debug` nor a log line shows it.
///
/// There is no `Display` and no `Serialize`: to use the value, say so with [`Secret::expose`].
///
/// ```
/// use common::redact::Secret;
///
/// let key = Secret::new("hunter2".to_owned());
/// assert_eq!(format!("{key:?}"), "Secret(***)");
/// assert_eq!(key.expose(), "hunter2");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Gives the value to the one who needs it.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl<T: std::str::FromStr> std::str::FromStr for Secret<T> {
    type Err = T::Err;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Masks a telephone number down to its last two digits: `+15550100` → `******00`.
///
/// Anything shorter than six characters is masked whole.
#[must_use]
pub fn phone(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
    match digits.as_slice() {
        [.., a, b] if digits.len() >= 6 => format!("******{a}{b}"),
        _ => "******".to_owned(),
    }
}

/// Masks an email address down to its first letter and its domain: `a***@example.com`.
///
/// Text without an `@` is masked whole.
#[must_use]
pub fn email(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() => {
            let first: String = local.chars().take(1).collect();
            format!("{first}***@{domain}")
        }
        _ => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_inside_a_struct_stays_hidden() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "read by Debug only")]
        struct Config {
            table: &'static str,
            key: Secret<String>,
        }
        let config = Config { table: "widgets", key: Secret::new("hunter2".to_owned()) };
        assert_eq!(format!("{config:?}"), r#"Config { table: "widgets", key: Secret(***) }"#);
    }

    #[test]
    fn phone_numbers_keep_two_digits() {
        assert_eq!(phone("+1 555 010 0123"), "******23");
        assert_eq!(phone("12345"), "******");
        assert_eq!(phone(""), "******");
    }

    #[test]
    fn addresses_keep_first_letter_and_domain() {
        assert_eq!(email("ada@example.com"), "a***@example.com");
        assert_eq!(email("ünal@example.com"), "ü***@example.com");
        assert_eq!(email("no address"), "***");
        assert_eq!(email("@example.com"), "***");
    }
}
