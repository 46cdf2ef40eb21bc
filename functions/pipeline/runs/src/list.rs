//! Lists of runs, and how they are cut into pages.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::journal::{RunId, RunState};

/// Most runs on a page.
pub const MAX_LIMIT: u16 = 100;
/// Runs on a page when the request does not say.
pub const DEFAULT_LIMIT: u16 = 20;
/// The last millisecond that RFC 3339 can write: the end of the year 9999.
const LAST_MILLIS: u64 = 253_402_300_799_999;

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Runs in which state.
    pub state: RunState,
    /// How many at most.
    pub limit: u16,
    /// Where the page before ended.
    pub after: Option<Position>,
}

/// A run on a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub id: RunId,
    /// The name of its pipeline.
    pub pipeline: String,
    /// When it was started, to the millisecond.
    pub created: SystemTime,
}

impl Entry {
    /// Where it stands on its list.
    #[must_use]
    pub const fn position(&self) -> Position {
        Position { created: self.created, id: self.id }
    }
}

/// A page that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The runs on it.
    pub entries: Vec<Entry>,
    /// The last one that was looked at, if there may be more after it.
    pub last: Option<Position>,
}

/// Where a run stands on the list of its state. Written, it is the cursor of the page after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// When it was started, to the millisecond.
    pub created: SystemTime,
    /// Its name.
    pub id: RunId,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.created.duration_since(UNIX_EPOCH).unwrap_or_default();
        write!(f, "{}-{}", since.as_millis(), self.id)
    }
}

impl FromStr for Position {
    type Err = PageError;

    fn from_str(text: &str) -> Result<Self, PageError> {
        let (millis, id) = text.split_once('-').ok_or(PageError::Cursor)?;
        let millis = number(millis).filter(|millis| *millis <= LAST_MILLIS);
        let millis = millis.ok_or(PageError::Cursor)?;
        let id = id.parse().map_err(|_| PageError::Cursor)?;
        Ok(Self { created: UNIX_EPOCH + Duration::from_millis(millis), id })
    }
}

/// A query parameter that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// `state` is none.
    #[error("state must be running, done or failed")]
    State,
    /// `limit` is not a number from 1 to 100.
    #[error("limit must be a number from 1 to {MAX_LIMIT}")]
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
            Self::State => "state",
            Self::Limit => "limit",
            Self::Cursor => "cursor",
        }
    }
}

impl PageRequest {
    /// Reads query parameters. What operators look for unless they say otherwise is what failed.
    ///
    /// # Errors
    /// The first parameter that cannot be used.
    pub fn parse(
        state: Option<&str>,
        limit: Option<&str>,
        cursor: Option<&str>,
    ) -> Result<Self, PageError> {
        let state = match state {
            None => RunState::Failed,
            Some(word) => word.parse().map_err(|()| PageError::State)?,
        };
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some(digits) => number(digits).ok_or(PageError::Limit)?,
        };
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(PageError::Limit);
        }
        Ok(Self { state, limit, after: cursor.map(str::parse).transpose()? })
    }

    /// The address of the page that begins after a run.
    #[must_use]
    pub fn path_after(&self, position: Position) -> String {
        format!("/runs?state={}&limit={}&cursor={position}", self.state.word(), self.limit)
    }
}

/// Digits and nothing else: `+5` is no number here.
fn number<T: FromStr>(digits: &str) -> Option<T> {
    let is_number = digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_has_the_twenty_newest_failed_runs_unless_asked_otherwise() {
        let page = PageRequest { state: RunState::Failed, limit: 20, after: None };
        assert_eq!(PageRequest::parse(None, None, None), Ok(page));
        let asked = PageRequest::parse(Some("done"), Some("100"), None);
        assert_eq!(asked, Ok(PageRequest { state: RunState::Done, limit: 100, after: None }));
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        for state in ["", "Failed", "pending"] {
            assert_eq!(PageRequest::parse(Some(state), None, None), Err(PageError::State));
        }
        for limit in ["0", "101", "-1", "+5", "ten", "", "99999999999999999999"] {
            assert_eq!(PageRequest::parse(None, Some(limit), None), Err(PageError::Limit));
        }
        let id = "0".repeat(32);
        for cursor in ["", "-", "7", &format!("-{id}"), &format!("+7-{id}"), &format!("7-{id}0")] {
            let read = PageRequest::parse(None, None, Some(cursor));
            assert_eq!(read, Err(PageError::Cursor), "{cursor}");
        }
        let late = format!("{}-{id}", LAST_MILLIS + 1);
        assert_eq!(late.parse::<Position>(), Err(PageError::Cursor), "it cannot be written");
    }

    proptest! {
        #[test]
        fn a_cursor_reads_as_the_position_it_was_made_of(millis in 0..=LAST_MILLIS, bits: u128) {
            let created = UNIX_EPOCH + Duration::from_millis(millis);
            let position = Position { created, id: RunId::from_bits(bits) };
            let cursor = position.to_string();
            prop_assert_eq!(cursor.parse(), Ok(position));
            prop_assert!(cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        }

        #[test]
        fn any_query_is_read_or_refused_without_panic(
            state in ".{0,9}", limit in ".{0,9}", cursor in ".{0,60}"
        ) {
            let _ = PageRequest::parse(None, Some(&limit), Some(&cursor));
            let _ = PageRequest::parse(Some(&state), None, Some(&cursor));
        }
    }
}
