//! Numbers compared by value, exactly.
//!
//! JSON has one kind of number: `1`, `1.0` and `1e0` are equal, and a 30-digit integer is as good
//! as a small one. Everything here works on the decimal text of a number, so it is right with and
//! without `serde_json`'s `arbitrary_precision`; 64-bit integers take a short cut.

use serde_json::Number;
use std::cmp::Ordering;
use std::fmt::{self, Write};
use std::hash::{Hash, Hasher};

/// A number as `digits × 10^exponent`, without leading or trailing zeros.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decimal<'t> {
    pub(super) negative: bool,
    /// From the first to the last non-zero digit; may hold the decimal point. Empty for zero.
    text: &'t [u8],
    /// How many digits `text` holds.
    pub(super) count: i64,
    /// The power of ten of the last digit.
    pub(super) exponent: i64,
}

impl<'t> Decimal<'t> {
    /// Reads the text of a JSON number.
    fn parse(text: &'t str) -> Self {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, power) = match unsigned.find(['e', 'E']) {
            Some(at) => (&unsigned[..at], parse_power(&unsigned[at + 1..])),
            None => (unsigned, 0),
        };
        let bytes = mantissa.as_bytes();
        let significant = |byte: &u8| matches!(byte, b'1'..=b'9');
        let (Some(first), Some(last)) =
            (bytes.iter().position(significant), bytes.iter().rposition(significant))
        else {
            return Decimal { negative: false, text: &[], count: 0, exponent: 0 };
        };
        let point = bytes.iter().position(|byte| *byte == b'.').unwrap_or(bytes.len());
        let text = &bytes[first..=last];
        let inside = usize::from(first < point && point < last);
        let place = if last < point { point - last - 1 } else { last - point };
        let place = i64::try_from(place).unwrap_or(i64::MAX);
        let shift = if last < point { place } else { -place };
        Decimal {
            negative,
            text,
            count: i64::try_from(text.len() - inside).unwrap_or(i64::MAX),
            exponent: power.saturating_add(shift),
        }
    }

    pub(super) fn digits(self) -> impl Iterator<Item = u8> {
        self.text.iter().copied().filter(u8::is_ascii_digit)
    }

    pub(super) fn is_zero(self) -> bool {
        self.count == 0
    }

    pub(super) fn is_integer(self) -> bool {
        self.exponent >= 0
    }

    fn compare(self, other: Self) -> Ordering {
        let sign = |number: Self| match (number.is_zero(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let size = |number: Self| number.exponent.saturating_add(number.count);
        sign(self).cmp(&sign(other)).then_with(|| {
            let by_size =
                size(self).cmp(&size(other)).then_with(|| self.digits().cmp(other.digits()));
            if self.negative { by_size.reverse() } else { by_size }
        })
    }
}

/// The power after `e`, saturating: nothing tells `1e9999999999999999999` from one digit more.
fn parse_power(text: &str) -> i64 {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    // A quarter of the range leaves room to add digit counts without saturating again.
    let size = digits.parse::<i64>().unwrap_or(i64::MAX).min(i64::MAX / 4);
    if negative { -size } else { size }
}

/// The text of a number, on the stack when it is short.
pub(super) struct Text {
    short: [u8; 40],
    length: usize,
    long: String,
}

impl Write for Text {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let end = self.length + part.len();
        if self.long.is_empty() && end <= self.short.len() {
            self.short[self.length..end].copy_from_slice(part.as_bytes());
            self.length = end;
        } else {
            if self.long.is_empty() {
                self.long.push_str(std::str::from_utf8(&self.short[..self.length]).unwrap_or("0"));
            }
            self.long.push_str(part);
        }
        Ok(())
    }
}

impl Text {
    pub(super) fn of(number: &Number) -> Self {
        let mut text = Self { short: [0; 40], length: 0, long: String::new() };
        // Writing to memory cannot fail, and `Text` never says it does.
        let _ = write!(text, "{number}");
        text
    }

    pub(super) fn decimal(&self) -> Decimal<'_> {
        if self.long.is_empty() {
            Decimal::parse(std::str::from_utf8(&self.short[..self.length]).unwrap_or("0"))
        } else {
            Decimal::parse(&self.long)
        }
    }
}

/// Whether a number has no fraction: `1`, `1.0` and `1e3` have none.
pub(super) fn is_integer(number: &Number) -> bool {
    number.is_i64() || number.is_u64() || Text::of(number).decimal().is_integer()
}

/// Compares two numbers by value.
pub(super) fn compare(a: &Number, b: &Number) -> Ordering {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => Text::of(a).decimal().compare(Text::of(b).decimal()),
    }
}

/// Feeds a number to a hasher so that equal numbers hash alike.
pub(super) fn hash(number: &Number, hasher: &mut impl Hasher) {
    let text = Text::of(number);
    let decimal = text.decimal();
    (decimal.negative, decimal.exponent, decimal.count).hash(hasher);
    for digit in decimal.digits() {
        hasher.write_u8(digit);
    }
}

/// A non-negative integer, such as a length limit. `2.0` is one; more than `u64` holds is "no limit".
pub(super) fn as_count(number: &Number) -> Option<u64> {
    if let Some(count) = number.as_u64() {
        return Some(count);
    }
    let text = Text::of(number);
    let decimal = text.decimal();
    if !decimal.is_integer() || (decimal.negative && !decimal.is_zero()) {
        return None;
    }
    let digits = decimal
        .digits()
        .try_fold(0_u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')));
    let scale = u32::try_from(decimal.exponent).ok().and_then(|power| 10_u64.checked_pow(power));
    let count = digits.zip(scale).and_then(|(digits, scale)| digits.checked_mul(scale));
    Some(if decimal.is_zero() { 0 } else { count.unwrap_or(u64::MAX) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        serde_json::from_str(text).expect("a JSON number")
    }

    #[test]
    fn spellings_of_one_value_are_equal() {
        let same = ["1", "1.0", "1e0", "10e-1", "0.1e1", "0.001E+3"];
        for (a, b) in same.iter().flat_map(|a| same.iter().map(move |b| (a, b))) {
            assert_eq!(compare(&number(a), &number(b)), Ordering::Equal, "{a} {b}");
        }
        assert_eq!(compare(&number("-0.0"), &number("0")), Ordering::Equal);
    }

    #[test]
    fn numbers_are_ordered_by_value() {
        let rising = [
            "-1e30",
            "-100",
            "-2.5",
            "-2",
            "-0.1",
            "0",
            "1e-9",
            "0.09",
            "0.1",
            "2",
            "2.5",
            "10",
            "99.9",
            "100",
            "9007199254740993",
            "18446744073709551616",
            "1e30",
        ];
        for (i, a) in rising.iter().enumerate() {
            for (j, b) in rising.iter().enumerate() {
                assert_eq!(compare(&number(a), &number(b)), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn an_integer_has_no_fraction_however_it_is_written() {
        for text in ["1", "1.0", "-3e2", "1.50e1", "0.0", "1e25"] {
            assert!(is_integer(&number(text)), "{text}");
        }
        for text in ["1.5", "1e-1", "-0.01"] {
            assert!(!is_integer(&number(text)), "{text}");
        }
    }

    #[test]
    fn a_count_may_be_written_with_a_fraction_of_zero() {
        assert_eq!(as_count(&number("2.0")), Some(2));
        assert_eq!(as_count(&number("1e2")), Some(100));
        assert_eq!(as_count(&number("0.0")), Some(0));
        assert_eq!(as_count(&number("2.5")), None);
        assert_eq!(as_count(&number("-1")), None);
        assert_eq!(as_count(&number("1e30")), Some(u64::MAX));
    }

    #[test]
    fn a_number_longer_than_the_stack_buffer_is_read_whole() {
        let long = format!("{}.0", "9".repeat(60));
        assert!(is_integer(&number(&long)));
        assert_eq!(compare(&number(&long), &number("1e59")), Ordering::Greater);
    }
}
