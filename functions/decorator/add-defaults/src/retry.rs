//! When a request is sent again.

use std::time::Duration;

use lambda_http::http::Method;

/// How an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No connection was made, so nothing was sent.
    Connect,
    /// The connection broke, or what came was not HTTP.
    Broken,
    /// The upstream answered 502, 503 or 504.
    Unavailable,
}

/// Shortest pause before the second attempt; doubled for each further one.
const BASE: Duration = Duration::from_millis(50);
/// Longest pause.
const CAP: Duration = Duration::from_secs(1);

/// How long to wait before sending again, or `None` for not at all.
///
/// Methods that are idempotent may be sent again after any failure (RFC 9110, section 9.2.2), all
/// others only when nothing was sent. `attempt` counts from 1, `left` is the time that is left,
/// and `random` spreads clients out ("full jitter").
#[must_use]
pub fn pause(
    failure: Failure,
    method: &Method,
    attempt: u32,
    attempts: u32,
    left: Duration,
    random: u64,
) -> Option<Duration> {
    let is_safe = method.is_idempotent() || failure == Failure::Connect;
    if !is_safe || attempt >= attempts {
        return None;
    }
    let longest = BASE.saturating_mul(1_u32.checked_shl(attempt - 1).unwrap_or(u32::MAX)).min(CAP);
    let micros = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
    let pause = Duration::from_micros(random % (micros + 1));
    // A pause that leaves no time for an answer only makes the failure late.
    (pause < left / 2).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LEFT: Duration = Duration::from_secs(9);

    #[test]
    fn what_is_not_idempotent_is_sent_again_only_if_nothing_was_sent() {
        for failure in [Failure::Broken, Failure::Unavailable] {
            assert_eq!(pause(failure, &Method::POST, 1, 3, LEFT, 0), None);
            assert_eq!(pause(failure, &Method::PATCH, 1, 3, LEFT, 0), None);
            assert!(pause(failure, &Method::PUT, 1, 3, LEFT, 0).is_some());
            assert!(pause(failure, &Method::GET, 1, 3, LEFT, 0).is_some());
        }
        assert!(pause(Failure::Connect, &Method::POST, 1, 3, LEFT, 0).is_some());
    }

    #[test]
    fn attempts_are_counted() {
        assert!(pause(Failure::Connect, &Method::GET, 2, 3, LEFT, 0).is_some());
        assert_eq!(pause(Failure::Connect, &Method::GET, 3, 3, LEFT, 0), None);
        assert_eq!(pause(Failure::Connect, &Method::GET, 1, 1, LEFT, 0), None);
    }

    #[test]
    fn no_time_left_means_no_further_attempt() {
        assert_eq!(pause(Failure::Connect, &Method::GET, 1, 3, Duration::ZERO, 0), None);
    }

    proptest! {
        #[test]
        fn pauses_grow_within_bounds(attempt in 1_u32..40, random: u64, left in 0_u64..20_000) {
            let left = Duration::from_millis(left);
            let pause = pause(Failure::Broken, &Method::GET, attempt, 100, left, random);
            if let Some(pause) = pause {
                prop_assert!(pause <= CAP && pause < left);
            }
        }
    }
}
