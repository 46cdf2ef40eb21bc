//! Waiting for what happens in its own time.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Nothing here takes this long, also on a busy machine: it ends a test that would never end.
const LIMIT: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(50);

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none in two minutes, with what was waited for.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < LIMIT, "waited in vain until {what}");
        sleep(PAUSE);
    }
}
