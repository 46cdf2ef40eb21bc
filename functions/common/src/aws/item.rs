//! Items of DynamoDB: writing attributes, and reading them with an error that names the one at
//! fault and nothing of what is in it.
//!
//! ```
//! use common::aws::item::{self, Item};
//!
//! let stored = Item::from([("name".to_owned(), item::text("Ada")), ("age".to_owned(), item::number(36))]);
//! assert_eq!(item::read_text(&stored, "name")?, "Ada");
//! assert_eq!(item::read_number::<u8>(&stored, "age")?, 36);
//! let missing = item::read_text(&stored, "phone").unwrap_err();
//! assert_eq!(missing.to_string(), "a stored item has no valid attribute phone");
//! # Ok::<(), item::AttributeError>(())
//! ```

use std::collections::HashMap;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::clock::{epoch_seconds, from_epoch_seconds};

/// A stored item.
pub type Item = HashMap<String, AttributeValue>;

/// An item of another shape than it was written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored item has no valid attribute {0}")]
pub struct AttributeError(pub &'static str);

/// A text.
#[must_use]
pub fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// A number.
#[must_use]
pub fn number(number: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(number.into().to_string())
}

/// A time in whole seconds since 1970, which is what time to live needs.
#[must_use]
pub fn seconds(time: SystemTime) -> AttributeValue {
    number(epoch_seconds(time))
}

/// A time in milliseconds since 1970.
#[must_use]
pub fn millis(time: SystemTime) -> AttributeValue {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    number(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Reads a text.
///
/// # Errors
/// When it is missing or of another type.
pub fn read_text<'a>(item: &'a Item, name: &'static str) -> Result<&'a str, AttributeError> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(AttributeError(name)),
    }
}

/// Reads what a text stands for.
///
/// # Errors
/// When it is missing, of another type, or stands for nothing.
pub fn parsed<T: FromStr>(item: &Item, name: &'static str) -> Result<T, AttributeError> {
    read_text(item, name)?.parse().map_err(|_| AttributeError(name))
}

/// Reads a number.
///
/// # Errors
/// When it is missing, of another type, or outside of what the type holds.
pub fn read_number<T: FromStr>(item: &Item, name: &'static str) -> Result<T, AttributeError> {
    match item.get(name) {
        Some(AttributeValue::N(digits)) => digits.parse().map_err(|_| AttributeError(name)),
        _ => Err(AttributeError(name)),
    }
}

/// Reads a time that was kept in seconds.
///
/// # Errors
/// As [`read_number`].
pub fn read_seconds(item: &Item, name: &'static str) -> Result<SystemTime, AttributeError> {
    read_number(item, name).map(from_epoch_seconds)
}

/// Reads a time that was kept in milliseconds.
///
/// # Errors
/// As [`read_number`].
pub fn read_millis(item: &Item, name: &'static str) -> Result<SystemTime, AttributeError> {
    read_number(item, name).map(|millis| UNIX_EPOCH + Duration::from_millis(millis))
}

/// Reads an attribute that may be missing.
///
/// # Errors
/// Those of `read`, when it is there.
pub fn optional<T>(
    item: &Item,
    name: &'static str,
    read: impl FnOnce(&Item, &'static str) -> Result<T, AttributeError>,
) -> Result<Option<T>, AttributeError> {
    if item.contains_key(name) { read(item, name).map(Some) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_they_were_written() {
        let time = UNIX_EPOCH + Duration::from_millis(1_772_357_400_123);
        let item = Item::from([("s".to_owned(), seconds(time)), ("ms".to_owned(), millis(time))]);
        assert_eq!(read_millis(&item, "ms"), Ok(time));
        assert_eq!(read_seconds(&item, "s"), Ok(from_epoch_seconds(1_772_357_400)));
    }

    #[test]
    fn an_attribute_of_another_type_is_named() {
        let item = Item::from([("a".to_owned(), AttributeValue::Bool(true))]);
        assert_eq!(read_text(&item, "a"), Err(AttributeError("a")));
        assert_eq!(read_number::<u8>(&item, "a"), Err(AttributeError("a")));
        assert_eq!(optional(&item, "a", read_seconds), Err(AttributeError("a")));
        assert_eq!(optional(&item, "b", read_seconds), Ok(None));
        let big = Item::from([("n".to_owned(), number(300))]);
        assert_eq!(read_number::<u8>(&big, "n"), Err(AttributeError("n")));
    }
}
