//! The languages there are words in.

/// A language that mails are written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English, which is for everybody else, too.
    #[default]
    English,
    /// German.
    German,
    /// Spanish.
    Spanish,
    /// French.
    French,
}

impl Language {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::English, Self::German, Self::Spanish, Self::French];

    /// The language of a locale, such as `de-AT`.
    #[must_use]
    pub fn of(locale: &str) -> Self {
        let code = locale.split(['-', '_']).next().unwrap_or_default();
        let known = Self::ALL.into_iter().find(|known| known.code().eq_ignore_ascii_case(code));
        known.unwrap_or_default()
    }

    /// Its code (ISO 639-1), for `lang` in HTML.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
            Self::French => "fr",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_known_by_its_language() {
        for (locale, language) in [
            ("de", Language::German),
            ("de-AT", Language::German),
            ("FR_ca", Language::French),
            ("es-419", Language::Spanish),
            ("en-GB", Language::English),
            ("xx", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::of(locale), language, "{locale}");
        }
    }
}
