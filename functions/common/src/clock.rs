//! The one place that reads the time.
//!
//! Everything that decides takes the time as an argument, so tests choose it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Reads the wall clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one home of the wall clock")]
pub fn now() -> SystemTime {
    SystemTime::now()
}

/// Whole seconds since 1970-01-01T00:00:00Z, the unit of DynamoDB's time to live.
///
/// A time before 1970 is 0.
#[must_use]
pub fn epoch_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The time at whole seconds since 1970-01-01T00:00:00Z.
#[must_use]
pub fn from_epoch_seconds(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// The time without its fraction of a second, which databases that keep whole seconds would lose.
#[must_use]
pub fn whole_seconds(time: SystemTime) -> SystemTime {
    from_epoch_seconds(epoch_seconds(time))
}

/// The time as RFC 3339 in UTC with milliseconds, for example `2026-03-01T09:30:00.000Z`.
#[must_use]
pub fn rfc3339(time: SystemTime) -> String {
    humantime::format_rfc3339_millis(time).to_string()
}

/// Reads a time in RFC 3339, if it is one in UTC.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<SystemTime> {
    humantime::parse_rfc3339(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc_with_milliseconds() {
        let time = UNIX_EPOCH + Duration::from_millis(1_772_357_400_123);
        assert_eq!(rfc3339(time), "2026-03-01T09:30:00.123Z");
        assert_eq!(parse_rfc3339("2026-03-01T09:30:00.123Z"), Some(time));
        assert_eq!(parse_rfc3339("soon"), None);
    }

    #[test]
    fn epoch_seconds_and_back_is_the_same_second() {
        let time = UNIX_EPOCH + Duration::from_millis(1_772_357_400_999);
        assert_eq!(epoch_seconds(time), 1_772_357_400);
        assert_eq!(epoch_seconds(from_epoch_seconds(1_772_357_400)), 1_772_357_400);
        assert_eq!(whole_seconds(time), from_epoch_seconds(1_772_357_400));
    }
}
