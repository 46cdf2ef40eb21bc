//! What a widget is, and which requests to make one are accepted.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use common::clock::rfc3339;
use common::idempotency::{EffectId, Fingerprint};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Longest request body that is read, in bytes.
pub const MAX_BODY: usize = 16 * 1024;
/// Longest name, in characters.
const MAX_NAME: usize = 100;
/// Longest colour, in characters.
const MAX_COLOR: usize = 40;

/// Names a widget: 32 lower-case hexadecimal digits, 128 random bits, so ids cannot be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WidgetId(EffectId);

/// Not an id this API gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a widget id")]
pub struct WidgetIdError;

impl WidgetId {
    /// The bits of the id.
    #[must_use]
    pub const fn to_bits(self) -> u128 {
        self.0.to_bits()
    }
}

impl From<EffectId> for WidgetId {
    fn from(effect: EffectId) -> Self {
        Self(effect)
    }
}

impl FromStr for WidgetId {
    type Err = WidgetIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_digit = |b| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.bytes().all(is_digit) {
            return Err(WidgetIdError);
        }
        EffectId::try_from(text.to_owned()).map(Self).map_err(|_| WidgetIdError)
    }
}

impl TryFrom<String> for WidgetId {
    type Error = WidgetIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<WidgetId> for String {
    fn from(id: WidgetId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for WidgetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A widget, as it is stored and as it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Widget {
    /// Its id.
    pub id: WidgetId,
    /// Its name.
    pub name: String,
    /// Its colour.
    pub color: String,
    /// When it was made, in RFC 3339.
    pub created_at: String,
}

/// A request for a widget, known to be good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWidget {
    name: String,
    color: String,
}

/// One thing wrong with a request, as a member of a problem's `errors`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// What, in words.
    pub detail: String,
}

impl FieldError {
    fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

impl NewWidget {
    /// Reads a request and reports everything that is wrong with it.
    ///
    /// # Errors
    /// One entry per fault.
    pub fn parse(body: &Value) -> Result<Self, Vec<FieldError>> {
        let Value::Object(members) = body else {
            return Err(vec![FieldError::new("", "must be an object")]);
        };
        let mut errors = Vec::new();
        let name = text(members, "name", MAX_NAME, &mut errors);
        let color = text(members, "color", MAX_COLOR, &mut errors);
        for member in members.keys().filter(|member| !matches!(member.as_str(), "name" | "color")) {
            let escaped = member.replace('~', "~0").replace('/', "~1");
            errors.push(FieldError::new(format!("/{escaped}"), "is not a member of a widget"));
        }
        match (name, color) {
            (Some(name), Some(color)) if errors.is_empty() => Ok(Self { name, color }),
            _ => Err(errors),
        }
    }

    /// What makes two requests the same, however they are spelled.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&[self.name.as_bytes(), self.color.as_bytes()])
    }

    /// The widget this request makes.
    #[must_use]
    pub fn into_widget(self, id: WidgetId, now: SystemTime) -> Widget {
        Widget { id, name: self.name, color: self.color, created_at: rfc3339(now) }
    }
}

fn text(
    members: &Map<String, Value>,
    member: &str,
    max: usize,
    errors: &mut Vec<FieldError>,
) -> Option<String> {
    let fault = match members.get(member) {
        None => "is required".to_owned(),
        Some(Value::String(text)) => match text.chars().count() {
            0 => "must not be empty".to_owned(),
            length if length > max => format!("must have at most {max} characters"),
            _ if text.chars().any(char::is_control) => {
                "must not have control characters".to_owned()
            }
            _ => return Some(text.clone()),
        },
        Some(_) => "must be a string".to_owned(),
    };
    errors.push(FieldError::new(format!("/{member}"), fault));
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::clock::from_epoch_seconds;
    use proptest::prelude::*;
    use serde_json::json;

    fn faults(body: &Value) -> Vec<(String, String)> {
        NewWidget::parse(body).unwrap_err().into_iter().map(|e| (e.pointer, e.detail)).collect()
    }

    fn fault(pointer: &str, detail: &str) -> (String, String) {
        (pointer.to_owned(), detail.to_owned())
    }

    #[test]
    fn a_good_request_makes_a_widget() {
        let request = NewWidget::parse(&json!({ "name": "foo", "color": "blue" })).unwrap();
        let id: WidgetId = EffectId::from_bits(0xabc).into();
        let widget = request.into_widget(id, from_epoch_seconds(1_772_357_400));
        assert_eq!(
            serde_json::to_value(widget).unwrap(),
            json!({
                "id": "00000000000000000000000000000abc", "name": "foo", "color": "blue",
                "createdAt": "2026-03-01T09:30:00.000Z"
            })
        );
    }

    #[test]
    fn every_fault_is_reported() {
        assert_eq!(
            faults(&json!({ "name": "", "color": 7, "si/ze": 1 })),
            [
                fault("/name", "must not be empty"),
                fault("/color", "must be a string"),
                fault("/si~1ze", "is not a member of a widget"),
            ]
        );
        assert_eq!(
            faults(&json!({})),
            [fault("/name", "is required"), fault("/color", "is required")]
        );
        assert_eq!(faults(&json!([])), [fault("", "must be an object")]);
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let widget = |name: String| NewWidget::parse(&json!({ "name": name, "color": "blue" }));
        assert!(widget("ä".repeat(100)).is_ok());
        assert!(widget("ä".repeat(101)).is_err());
    }

    #[test]
    fn only_ids_this_api_gave_out_are_ids() {
        assert!("0123456789abcdef0123456789abcdef".parse::<WidgetId>().is_ok());
        for text in ["", "0123", "0123456789ABCDEF0123456789ABCDEF", "../0123456789abcdef01234567"]
        {
            assert_eq!(text.parse::<WidgetId>(), Err(WidgetIdError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_effect_id_is_a_widget_id(bits: u128) {
            let id: WidgetId = EffectId::from_bits(bits).into();
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }
    }
}
