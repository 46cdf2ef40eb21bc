//! By when an invocation must be over.

use std::time::SystemTime;

use lambda_runtime::Context;

use crate::clock::from_epoch_seconds;

/// Lambda deadlines are later; in seconds since 1970.
const YEAR_2020: u64 = 1_577_836_800;

/// When Lambda ends the invocation.
///
/// `None` outside Lambda, where there is no deadline. A deadline that has passed is one.
pub(crate) fn of(context: &Context) -> Option<SystemTime> {
    let deadline = context.deadline();
    // `cargo lambda watch` sends a duration in place of a time.
    (deadline >= from_epoch_seconds(YEAR_2020)).then_some(deadline)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    fn deadline(milliseconds: u64) -> Option<SystemTime> {
        let mut context = Context::default();
        context.deadline = milliseconds;
        of(&context)
    }

    #[test]
    fn a_deadline_is_in_milliseconds_and_a_duration_is_none() {
        let time = UNIX_EPOCH + Duration::from_millis(1_772_357_400_123);
        assert_eq!(deadline(1_772_357_400_123), Some(time));
        assert_eq!(deadline(60_000), None);
        assert_eq!(deadline(0), None);
    }
}
