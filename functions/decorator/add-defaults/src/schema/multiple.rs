//! `multipleOf`, in exact decimal arithmetic.

use super::number::Text;
use serde_json::Number;

/// The value of `multipleOf`, ready to divide by: `digits × 10^exponent`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Divisor {
    digits: u64,
    exponent: i64,
}

impl Divisor {
    /// Reads a divisor; `None` unless it is positive and has at most 18 significant digits.
    pub(super) fn new(number: &Number) -> Option<Self> {
        let text = Text::of(number);
        let decimal = text.decimal();
        if decimal.is_zero() || decimal.negative || decimal.count > 18 {
            return None;
        }
        let digits = decimal.digits().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
        Some(Self { digits, exponent: decimal.exponent })
    }

    /// Whether a number is a whole multiple, in exact decimal arithmetic.
    pub(super) fn divides(self, number: &Number) -> bool {
        if self.exponent == 0
            && let Some(integer) = number.as_i64()
        {
            return integer.unsigned_abs() % self.digits == 0;
        }
        let text = Text::of(number);
        let decimal = text.decimal();
        if decimal.is_zero() {
            return true;
        }
        // Both sides end in a non-zero digit, so a finer last digit cannot be a whole multiple.
        let Ok(power) = u64::try_from(decimal.exponent.saturating_sub(self.exponent)) else {
            return false;
        };
        let modulus = u128::from(self.digits);
        let rest = decimal
            .digits()
            .fold(0, |rest, digit| (rest * 10 + u128::from(digit - b'0')) % modulus);
        (rest * power_of_ten(power, modulus)).is_multiple_of(modulus)
    }
}

/// `10^power` modulo `modulus`, by repeated squaring. The modulus is below 2^64.
fn power_of_ten(mut power: u64, modulus: u128) -> u128 {
    let (mut result, mut base) = (1 % modulus, 10 % modulus);
    while power > 0 {
        if power & 1 == 1 {
            result = result * base % modulus;
        }
        base = base * base % modulus;
        power >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        serde_json::from_str(text).expect("a JSON number")
    }

    #[test]
    fn multiples_are_exact_decimals() {
        let divides = |divisor, value| {
            Divisor::new(&number(divisor)).expect("a divisor").divides(&number(value))
        };
        for (divisor, value) in [
            ("0.01", "0.07"),
            ("0.0001", "0.0075"),
            ("2", "1e25"),
            ("3", "-9"),
            ("0.1", "1"),
            ("1.5", "4.50"),
            ("7", "0"),
            ("0.5", "1e300"),
            ("100", "2e3"),
        ] {
            assert!(divides(divisor, value), "{value} by {divisor}");
        }
        for (divisor, value) in [
            ("0.01", "0.075"),
            ("3", "1e25"),
            ("2", "3"),
            ("10", "5"),
            ("3", "1e300"),
            ("1", "1e-300"),
        ] {
            assert!(!divides(divisor, value), "{value} by {divisor}");
        }
    }

    #[test]
    fn zero_negative_and_over_long_divisors_are_refused() {
        for text in ["0", "-2", "0.0"] {
            assert!(Divisor::new(&number(text)).is_none(), "{text}");
        }
    }
}
