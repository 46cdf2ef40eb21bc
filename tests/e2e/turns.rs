//! Tests run at the same time, but for those that disturb the functions for all.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::sleep;
use std::time::{Duration, Instant};

static STACK: RwLock<()> = RwLock::new(());

/// Holds until nobody disturbs the functions. A test that failed meanwhile has left no harm.
pub(crate) fn shared() -> RwLockReadGuard<'static, ()> {
    STACK.read().unwrap_or_else(PoisonError::into_inner)
}

/// The stack for this test alone.
pub(crate) fn alone() -> RwLockWriteGuard<'static, ()> {
    STACK.write().unwrap_or_else(PoisonError::into_inner)
}

/// Asks until there is an answer.
pub(crate) fn eventually<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(started.elapsed() < limit, "{what}: not within {} s", limit.as_secs());
        sleep(Duration::from_millis(100));
    }
}

/// Long enough for whatever should not happen to have happened.
pub(crate) fn a_while() {
    sleep(Duration::from_secs(3));
}
