//! Telephone numbers, and the countries they belong to.

use std::fmt;
use std::str::FromStr;

/// A number in E.164: `+`, a country code, up to 15 digits in all. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(String);

/// A number that is not in E.164.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a telephone number is `+`, a country code and up to 15 digits in all (E.164)")]
pub struct PhoneError;

/// Country codes of two digits (ITU-T E.164, list of assigned codes). Of the others, 1 and 7 have
/// one digit and the rest three.
const TWO_DIGITS: [&str; 44] = [
    "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47",
    "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65",
    "66", "81", "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
];

impl Phone {
    /// The number, for the text message and for nothing else.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.0
    }

    /// The digits that tell the country, by which texts are counted.
    ///
    /// In the North American plan a dozen countries share the code 1, and it is the area code that
    /// tells them apart, so it belongs to the prefix: `1242` is the Bahamas.
    #[must_use]
    pub fn country(&self) -> &str {
        let digits = self.digits();
        let length = match digits.as_bytes().first() {
            Some(b'1') => 4,
            Some(b'7') => 1,
            _ if digits.get(..2).is_some_and(|two| TWO_DIGITS.contains(&two)) => 2,
            _ => 3,
        };
        &digits[..length.min(digits.len())]
    }

    /// Whether the number starts with one of the prefixes, such as `44` or `1242`.
    #[must_use]
    pub fn is_in(&self, prefixes: &[String]) -> bool {
        prefixes.iter().any(|prefix| self.digits().starts_with(prefix.as_str()))
    }

    fn digits(&self) -> &str {
        &self.0[1..]
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('+').ok_or(PhoneError)?;
        let is_number = (7..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if is_number { Ok(Self(text.to_owned())) } else { Err(PhoneError) }
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn phone(text: &str) -> Phone {
        text.parse().unwrap()
    }

    #[test]
    fn only_e164_is_a_number() {
        for text in
            ["", "+", "15550100", "+0155501001", "+1 555 0100", "+1555010", "+1234567890123456"]
        {
            let is_number = text.parse::<Phone>().is_ok();
            assert_eq!(is_number, text == "+1555010", "{text}");
        }
    }

    #[test]
    fn the_country_is_told_by_the_prefix() {
        for (number, country) in [
            ("+15550100123", "1555"),
            ("+12425550100", "1242"),
            ("+74951234567", "7"),
            ("+442079460000", "44"),
            ("+4915112345678", "49"),
            ("+35312345678", "353"),
            ("+99812345678", "998"),
        ] {
            assert_eq!(phone(number).country(), country, "{number}");
        }
    }

    #[test]
    fn an_allow_list_is_one_of_prefixes() {
        let allowed = ["44".to_owned(), "1242".to_owned()];
        assert!(phone("+442079460000").is_in(&allowed));
        assert!(phone("+12425550100").is_in(&allowed));
        assert!(!phone("+15550100123").is_in(&allowed));
        assert!(!phone("+35344123456").is_in(&allowed), "44 in another place is no prefix");
        assert!(!phone("+442079460000").is_in(&[]));
    }

    #[test]
    fn a_number_is_not_shown() {
        assert_eq!(format!("{:?}", phone("+15550100123")), "Phone(***)");
    }

    proptest! {
        #[test]
        fn a_country_is_the_start_of_its_number(digits in "[1-9][0-9]{6,14}") {
            let number = phone(&format!("+{digits}"));
            prop_assert!(!number.country().is_empty() && digits.starts_with(number.country()));
        }
    }
}
