//! Reads `Retry-After` (RFC 9110, section 10.2.3).

use std::time::{Duration, SystemTime};

use common::clock::parse_rfc3339;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How long to wait from `now` on, as seconds or as a date; `None` if it is neither.
///
/// It is unbounded; a date that has passed is no wait at all.
#[must_use]
pub fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // Only numbers that are too large do not parse.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    date(value, now).map(|date| date.duration_since(now).unwrap_or_default())
}

/// Reads the three forms of dates that recipients must take (RFC 9110, section 5.6.7). The name of
/// the day says nothing that is not said by the date.
fn date(text: &str, now: SystemTime) -> Option<SystemTime> {
    let parts: Vec<&str> = text.split([' ', ',', '-']).filter(|part| !part.is_empty()).collect();
    match *parts.as_slice() {
        // Sunday, 06-Nov-94 08:49:37 GMT
        [_, day, month, year, time, "GMT"] if year.len() == 2 => {
            let year: u16 = year.parse().ok()?;
            let this_century = at(2000 + year, month, day, time)?;
            // What seems to be more than 50 years ahead was in the last century.
            let half = Duration::from_secs(50 * 365 * 86_400);
            if this_century > now + half {
                at(1900 + year, month, day, time)
            } else {
                Some(this_century)
            }
        }
        // Sun, 06 Nov 1994 08:49:37 GMT
        [_, day, month, year, time, "GMT"] => at(year.parse().ok()?, month, day, time),
        // Sun Nov  6 08:49:37 1994
        [_, month, day, time, year] => at(year.parse().ok()?, month, day, time),
        _ => None,
    }
}

fn at(year: u16, month: &str, day: &str, time: &str) -> Option<SystemTime> {
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let day: u8 = day.parse().ok()?;
    parse_rfc3339(&format!("{year:04}-{month:02}-{day:02}T{time}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::clock::{from_epoch_seconds, rfc3339};
    use proptest::prelude::*;

    /// 1994-11-06T08:49:37Z
    const THEN: u64 = 784_111_777;

    fn wait(value: &str, now: u64) -> Option<u64> {
        retry_after(value, from_epoch_seconds(now)).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_seconds() {
        for (value, seconds) in [("0", 0), (" 120 ", 120), ("007", 7)] {
            assert_eq!(wait(value, THEN), Some(seconds), "{value}");
        }
        assert_eq!(wait(&"9".repeat(40), THEN), Some(u64::MAX));
    }

    #[test]
    fn dates_have_three_forms() {
        for value in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(wait(value, THEN - 30), Some(30), "{value}");
            assert_eq!(wait(value, THEN + 30), Some(0), "{value}");
        }
        assert_eq!(wait("Sunday, 01-Mar-26 12:00:30 GMT", 1_772_366_400), Some(30));
    }

    #[test]
    fn what_is_neither_says_nothing() {
        for value in [
            "",
            "soon",
            "-1",
            "1.5",
            "1e3",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 31 Feb 2027 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:00:00 GMT",
            "Sun, 06 Noe 1994 08:49:37 GMT",
            "Sun, 06 Nov 99999 08:49:37 GMT",
        ] {
            assert_eq!(wait(value, THEN), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_sent_is_read_without_a_panic(value in "\\PC{0,40}", now in 0_u64..4_000_000_000) {
            let _ = wait(&value, now);
        }

        #[test]
        fn every_date_is_read_as_it_was_written(
            seconds in 0_u64..4_000_000_000, day in 0_usize..7
        ) {
            let text = rfc3339(from_epoch_seconds(seconds));
            let (year, month, date, time) = (&text[..4], &text[5..7], &text[8..10], &text[11..19]);
            let month = MONTHS[month.parse::<usize>().unwrap() - 1];
            let day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day];
            let value = format!("{day}, {date} {month} {year} {time} GMT");
            prop_assert_eq!(wait(&value, 0), Some(seconds));
        }
    }
}
