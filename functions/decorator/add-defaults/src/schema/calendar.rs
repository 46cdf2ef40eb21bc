//! Dates and times as text: RFC 3339.

/// RFC 3339: a date, `T`, a time with its offset.
pub(super) fn date_time(text: &str) -> bool {
    match text.as_bytes().split_at_checked(10) {
        Some((day, [b'T' | b't', rest @ ..])) => date(day) && time(rest),
        _ => false,
    }
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, digit| {
        digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0'))
    })
}

pub(super) fn date(text: &[u8]) -> bool {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return false };
    let parts = (number(&[*y1, *y2, *y3, *y4]), number(&[*m1, *m2]), number(&[*d1, *d2]));
    let (Some(year), Some(month), Some(day)) = parts else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// `hh:mm:ss`, perhaps a fraction, then `Z` or an offset. Second 60 only where UTC has it.
pub(super) fn time(text: &[u8]) -> bool {
    let [h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = text else { return false };
    let parts = (number(&[*h1, *h2]), number(&[*m1, *m2]), number(&[*s1, *s2]));
    let (Some(hour), Some(minute), Some(second)) = parts else { return false };
    let zone = match rest {
        [b'.', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return false;
            }
            &rest[digits..]
        }
        rest => rest,
    };
    let offset = match zone {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (Some(hours), Some(minutes)) = (number(&[*h1, *h2]), number(&[*m1, *m2])) else {
                return false;
            };
            if hours > 23 || minutes > 59 {
                return false;
            }
            let minutes = hours * 60 + minutes;
            if *sign == b'+' { minutes } else { 1440 - minutes }
        }
        _ => return false,
    };
    let in_utc = (hour * 60 + minute + 1440 - offset) % 1440;
    hour <= 23 && minute <= 59 && (second <= 59 || (second == 60 && in_utc == 1439))
}
