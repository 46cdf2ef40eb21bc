//! What nobody needs to see whole to understand a run.
//!
//! Fields that are known to be personal are masked by their names. In all other texts, reasons of
//! failures included, whatever looks like an e-mail address or a telephone number is: a step may
//! add anything, and providers quote what they refuse.

use common::journal::Context;
use common::redact;
use serde_json::Value;

/// What is shown of a secret.
const HIDDEN: &str = "***";
/// Characters that end an address or a number within a text.
const BETWEEN: &str = "<>()[]{},;\"'`|";
/// Fewest digits of a telephone number (E.164 knows none shorter than this with its country).
const MIN_DIGITS: usize = 7;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Username,
    Email,
    Phone,
    Secret,
    Other,
}

impl Field {
    fn named(name: &str) -> Self {
        let letters = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
        let name: String = letters.collect();
        let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        if name == "username" {
            Self::Username
        } else if ends(&["mail", "mailaddress"]) {
            Self::Email
        } else if ends(&["phone", "phonenumber", "mobile", "mobilenumber"]) {
            Self::Phone
        } else if ends(&["token"]) || name.contains("password") || name.contains("secret") {
            Self::Secret
        } else {
            Self::Other
        }
    }
}

/// A context as it is shown.
#[must_use]
pub(crate) fn context(known: &Context) -> Context {
    known.iter().map(|(name, found)| (text(name), value(Field::named(name), found))).collect()
}

fn value(field: Field, found: &Value) -> Value {
    match (field, found) {
        (_, Value::Null | Value::Bool(_)) => found.clone(),
        (Field::Secret, _) => HIDDEN.into(),
        (_, Value::Array(items)) => items.iter().map(|item| value(field, item)).collect(),
        // What belongs to a personal field is personal, whatever it is called.
        (Field::Email | Field::Phone, Value::Object(members)) => {
            members.iter().map(|(name, member)| (text(name), value(field, member))).collect()
        }
        (_, Value::Object(members)) => Value::Object(context(members)),
        (Field::Email, Value::String(address)) => redact::email(address).into(),
        (Field::Email, Value::Number(_)) => HIDDEN.into(),
        (Field::Phone, Value::String(number)) => redact::phone(number).into(),
        (Field::Phone, Value::Number(number)) => redact::phone(&number.to_string()).into(),
        // Some take their address or number for a name.
        (Field::Username | Field::Other, Value::String(found)) => text(found).into(),
        (Field::Username | Field::Other, Value::Number(_)) => found.clone(),
    }
}

/// A text as it is shown.
#[must_use]
pub(crate) fn text(text: &str) -> String {
    let is_between = |c: char| c.is_whitespace() || BETWEEN.contains(c);
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c| !is_between(c)) {
        let end = rest[start..].find(is_between).map_or(rest.len(), |length| start + length);
        masked.push_str(&rest[..start]);
        masked.push_str(&word(&rest[start..end]));
        rest = &rest[end..];
    }
    masked.push_str(rest);
    masked
}

fn word(word: &str) -> String {
    let is_address =
        word.rsplit_once('@').is_some_and(|(name, host)| !(name.is_empty() || host.is_empty()));
    let digits = || word.chars().filter(char::is_ascii_digit).count();
    let is_number = |number: &str| number.chars().all(|c| c.is_ascii_digit() || "-./:".contains(c));
    if is_address {
        redact::email(word)
    } else if word.strip_prefix('+').is_some_and(is_number) && digits() >= MIN_DIGITS {
        redact::phone(word)
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn shown(known: &Value) -> Value {
        Value::Object(context(known.as_object().unwrap()))
    }

    #[test]
    fn personal_fields_are_masked_and_the_user_name_stays() {
        assert_eq!(
            shown(&json!({
                "username": "Ada", "email": "ada@example.com", "phone": "+15550100123",
                "locale": "en", "newsletter": true, "emailed": "0100-message", "count": 7
            })),
            json!({
                "username": "Ada", "email": "a***@example.com", "phone": "******23",
                "locale": "en", "newsletter": true, "emailed": "0100-message", "count": 7
            })
        );
    }

    #[test]
    fn a_name_that_is_an_address_or_a_number_is_masked_as_one() {
        for (name, masked) in [
            ("ada@example.com", "a***@example.com"),
            ("@ada@example.com", "@***@example.com"),
            ("+15550100123", "******23"),
            ("@ada", "@ada"),
        ] {
            assert_eq!(shown(&json!({ "username": name })), json!({ "username": masked }));
        }
    }

    #[test]
    fn other_spellings_types_and_depths_are_masked_alike() {
        let known = json!({
            "E-Mail": "ada@example.com",
            "contact": { "email_address": ["ada@example.com"], "mobilePhone": 15_550_100_123_u64 },
            "phone": { "home": "+1 555 010 0123", "note": "call late" },
            "email": 7,
            "accessToken": "abc", "newPassword": { "a": "b" }, "client_secret": ["c"],
            "nothing": { "email": null }
        });
        assert_eq!(
            shown(&known),
            json!({
                "E-Mail": "a***@example.com",
                "contact": { "email_address": ["a***@example.com"], "mobilePhone": "******23" },
                "phone": { "home": "******23", "note": "******" },
                "email": "***",
                "accessToken": "***", "newPassword": "***", "client_secret": "***",
                "nothing": { "email": null }
            })
        );
    }

    #[test]
    fn what_providers_quote_is_masked() {
        assert_eq!(
            text("not verified: <ada@example.com>, \"bob@example.org\"; nor +15550100123."),
            "not verified: <a***@example.com>, \"b***@example.org\"; nor ******23"
        );
        let plain = "429 Too Many Requests @ 12:00, +1 more, in 5 @home. Grüße";
        assert_eq!(text(plain), plain);
        assert_eq!(
            shown(&json!({ "to ada@x.de": "ada@x.de" })),
            json!({ "to a***@x.de": "a***@x.de" })
        );
    }

    proptest! {
        #[test]
        fn no_text_shows_an_address(
            before in "\\PC{0,9}", name in "[a-z]{2,9}", host in "[a-z]{1,9}", after in "\\PC{0,9}"
        ) {
            let shown = text(&format!("{before} {name}@{host}.example {after}"));
            let needle = format!("{}@{}", name, host);
            prop_assert!(!shown.contains(&needle), "{}", shown);
        }

        #[test]
        fn texts_without_addresses_and_numbers_stay(plain in "[^@+]{0,40}") {
            prop_assert_eq!(text(&plain), plain);
        }
    }
}
