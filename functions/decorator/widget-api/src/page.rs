//! How lists are cut into pages.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use common::idempotency::EffectId;

use crate::widget::{Widget, WidgetId};

/// Most items on a page.
pub const MAX_LIMIT: u16 = 100;
/// Items on a page when the request does not say.
pub const DEFAULT_LIMIT: u16 = 20;

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// How many items at most.
    pub limit: u16,
    /// The last item of the page before.
    pub after: Option<WidgetId>,
}

/// A page that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The widgets on it.
    pub items: Vec<Widget>,
    /// The last item that was looked at, if there may be more after it.
    pub last: Option<WidgetId>,
}

/// A query parameter that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// `limit` is not a number from 1 to 100.
    #[error("limit must be a number from 1 to 100")]
    Limit,
    /// `cursor` is not one this API gave out.
    #[error("cursor must be one from an earlier page")]
    Cursor,
}

impl PageError {
    /// The query parameter it is about.
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Cursor => "cursor",
        }
    }
}

impl PageRequest {
    /// Reads the query parameters `limit` and `cursor`.
    ///
    /// # Errors
    /// The first parameter that cannot be used.
    pub fn parse(limit: Option<&str>, cursor: Option<&str>) -> Result<Self, PageError> {
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().map_err(|_| PageError::Limit)?
            }
            Some(_) => return Err(PageError::Limit),
        };
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(PageError::Limit);
        }
        Ok(Self { limit, after: cursor.map(read_cursor).transpose()? })
    }
}

/// The cursor of the page after an item. Opaque to clients, so that it can change.
#[must_use]
pub fn cursor(last: &WidgetId) -> String {
    URL_SAFE_NO_PAD.encode(last.to_bits().to_be_bytes())
}

fn read_cursor(text: &str) -> Result<WidgetId, PageError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| PageError::Cursor)?;
    let bits = u128::from_be_bytes(bytes.try_into().map_err(|_| PageError::Cursor)?);
    Ok(EffectId::from_bits(bits).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_has_twenty_items_unless_asked_otherwise() {
        assert_eq!(PageRequest::parse(None, None), Ok(PageRequest { limit: 20, after: None }));
        assert_eq!(PageRequest::parse(Some("100"), None).map(|page| page.limit), Ok(100));
    }

    #[test]
    fn limits_out_of_range_are_refused() {
        for limit in ["0", "101", "-1", "+5", "ten", "", "99999999999999999999"] {
            assert_eq!(PageRequest::parse(Some(limit), None), Err(PageError::Limit), "{limit}");
        }
    }

    #[test]
    fn cursors_of_others_are_refused() {
        for cursor in ["", "!", "Zm9v", "////", "AAAAAAAAAAAAAAAAAAAAAB"] {
            assert_eq!(PageRequest::parse(None, Some(cursor)), Err(PageError::Cursor), "{cursor}");
        }
    }

    proptest! {
        #[test]
        fn a_cursor_reads_as_the_item_it_was_made_of(bits: u128) {
            let last: WidgetId = EffectId::from_bits(bits).into();
            let page = PageRequest::parse(None, Some(&cursor(&last)));
            prop_assert_eq!(page, Ok(PageRequest { limit: 20, after: Some(last) }));
        }

        #[test]
        fn any_query_is_read_or_refused_without_panic(limit in ".{0,9}", cursor in ".{0,60}") {
            let _ = PageRequest::parse(Some(&limit), Some(&cursor));
        }
    }
}
