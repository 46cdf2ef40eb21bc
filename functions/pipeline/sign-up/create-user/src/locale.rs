//! The language that somebody is written to in.

use std::str::FromStr;

/// Longest tag that implementations must be able to hold (RFC 5646, section 4.4.1).
const MAX_LENGTH: usize = 35;

/// A language, such as `de` or `pt-BR` (RFC 5646). Whether there are words in it is not for here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locale(String);

/// A text that is no tag of a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a language tag such as en or pt-BR")]
pub struct LocaleError;

impl Locale {
    /// The tag.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Locale {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

impl FromStr for Locale {
    type Err = LocaleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut subtags = text.split('-');
        let language = subtags.next().unwrap_or_default();
        let is_language =
            (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphabetic());
        let is_subtag = |subtag: &str| {
            (1..=8).contains(&subtag.len()) && subtag.bytes().all(|b| b.is_ascii_alphanumeric())
        };
        let is_tag = is_language && text.len() <= MAX_LENGTH && subtags.all(is_subtag);
        if is_tag { Ok(Self(text.to_owned())) } else { Err(LocaleError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_languages_are_locales() {
        for text in ["en", "de-AT", "pt-BR", "zh-Hant-TW", "gsw", "de-1996"] {
            assert_eq!(text.parse::<Locale>().unwrap().as_str(), text);
        }
        let long = format!("en{}", "-a2345678".repeat(4));
        for text in ["", "e", "english", "d1", "de_AT", "de-", "de--AT", "de-AT\r\nX: y", &long] {
            assert_eq!(text.parse::<Locale>(), Err(LocaleError), "{text}");
        }
    }
}
