//! Ctrl-C and its relatives, as a flag that every waiting loop looks at.
//!
//! Nothing is stopped from inside a signal handler: the loop that sees the flag returns an error,
//! and what was started is stopped on the way out, as after any other error.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

static FLAG: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// The user asked to stop.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// Notes SIGINT, SIGTERM and SIGHUP from now on, instead of ending at once.
pub(crate) fn watch() {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        // These three can be handled on every system; a failure would only mean the default,
        // which is to end at once.
        let _ = signal_hook::flag::register(signal, Arc::clone(&FLAG));
    }
}

/// Whether the user asked to stop.
pub(crate) fn interrupted() -> bool {
    FLAG.load(Ordering::Relaxed)
}

/// An error once the user asked to stop, for use with `?` between two steps.
pub(crate) fn check() -> Result<(), Interrupted> {
    if interrupted() { Err(Interrupted) } else { Ok(()) }
}
