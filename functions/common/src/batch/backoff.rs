//! How long a message that failed stays away.

use std::time::Duration;

/// The longest time a message is kept away, in seconds.
///
/// SQS allows twelve hours from the receive on and refuses more, and the receive was earlier: by the
/// batching window (five minutes at most) and by this invocation (fifteen).
const LONGEST: u16 = 12 * 3_600 - 20 * 60;

/// Exponential back-off with full jitter.
///
/// ```
/// use std::time::Duration;
///
/// use common::batch::Backoff;
///
/// let backoff = Backoff { base: Duration::from_secs(2), cap: Duration::from_secs(60) };
/// assert_eq!(backoff.delay(3, u32::MAX), Duration::from_secs(8));
/// assert_eq!(backoff.delay(9, u32::MAX / 2).as_secs(), 29);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after the first receive; it doubles with each further one.
    pub base: Duration,
    /// The longest wait of all; SQS's limit holds whatever is given.
    pub cap: Duration,
}

impl Default for Backoff {
    /// Two seconds, up to fifteen minutes.
    fn default() -> Self {
        Self { base: Duration::from_secs(2), cap: Duration::from_secs(15 * 60) }
    }
}

impl Backoff {
    /// The wait after a message was received for the `receive_count`th time.
    ///
    /// `random` is uniform over all its values and says which share of the longest wait is taken,
    /// so that messages that failed together do not come back together.
    #[must_use]
    pub fn delay(&self, receive_count: u32, random: u32) -> Duration {
        let doublings = receive_count.saturating_sub(1).min(u32::BITS - 1);
        let longest = self.base.saturating_mul(1 << doublings).min(self.cap);
        let share = f64::from(random) / f64::from(u32::MAX);
        longest.min(Duration::from_secs(LONGEST.into())).mul_f64(share)
    }
}

/// Whole seconds, as SQS wants them: rounded up, so that nothing comes before its time.
pub(super) fn seconds(delay: Duration) -> u16 {
    let whole = delay.as_secs().saturating_add((delay.subsec_nanos() > 0).into());
    u16::try_from(whole).unwrap_or(LONGEST).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_wait_doubles_with_each_receive_up_to_the_cap() {
        let backoff = Backoff { base: secs(2), cap: secs(60) };
        let longest = |receive_count| backoff.delay(receive_count, u32::MAX);
        assert_eq!(longest(0), secs(2));
        assert_eq!(longest(1), secs(2));
        assert_eq!(longest(2), secs(4));
        assert_eq!(longest(5), secs(32));
        assert_eq!(longest(6), secs(60));
        assert_eq!(longest(u32::MAX), secs(60));
    }

    #[test]
    fn jitter_is_full() {
        let backoff = Backoff { base: secs(10), cap: secs(60) };
        assert_eq!(backoff.delay(1, 0), secs(0));
        assert_eq!(backoff.delay(1, u32::MAX / 2).as_millis(), 4_999);
    }

    #[test]
    fn seconds_are_rounded_up_and_stay_below_twelve_hours_since_the_receive() {
        assert_eq!(seconds(secs(0)), 0);
        assert_eq!(seconds(Duration::from_millis(1)), 1);
        assert_eq!(seconds(Duration::from_millis(1_001)), 2);
        assert_eq!(seconds(secs(42_000)), 42_000);
        assert_eq!(seconds(secs(43_200)), 42_000);
        assert_eq!(seconds(Duration::MAX), 42_000);
    }

    proptest! {
        #[test]
        fn no_settings_make_the_wait_leave_its_bounds(
            base in any::<u64>(), cap in any::<u64>(), received in any::<u32>(), random in any::<u32>()
        ) {
            let backoff = Backoff { base: secs(base), cap: secs(cap) };
            let delay = backoff.delay(received, random);
            prop_assert!(delay <= backoff.cap && seconds(delay) <= 42_000);
        }
    }
}
