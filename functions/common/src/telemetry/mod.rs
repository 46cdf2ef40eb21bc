//! JSON logs and CloudWatch metrics with nothing personal in them.
//!
//! One line per event on standard output, which Lambda sends to CloudWatch Logs. Libraries may
//! only warn: at finer levels the AWS SDK and hyper write requests out, and requests hold data of
//! people.

mod lines;
mod metrics;

use std::sync::atomic::{AtomicBool, Ordering};

use tracing::{Level, Metadata};
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::environment;

pub use metrics::{Metrics, Unit};

/// Crates whose events are held to warnings and errors.
const LIBRARIES: [&str; 10] =
    ["aws_", "h2", "hyper", "lambda_", "mio", "rustls", "tokio", "tower", "tracing", "want"];

/// Starts JSON logging at the level Lambda was configured with (`AWS_LAMBDA_LOG_LEVEL`).
///
/// Calling it twice changes nothing, so tests may call it too.
pub fn init() {
    let level = environment("AWS_LAMBDA_LOG_LEVEL")
        .and_then(|text| parse_level(&text))
        .unwrap_or(LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer()
        .fmt_fields(lines::JsonLines)
        .event_format(lines::JsonLines)
        .with_filter(filter_fn(is_ours));
    // An error means that a subscriber is there already.
    let _ = tracing_subscriber::registry().with(lines).with(level).try_init();
}

/// The names of Lambda's advanced logging controls, of which `FATAL` is not one of `tracing`'s.
fn parse_level(text: &str) -> Option<LevelFilter> {
    match text.to_ascii_uppercase().as_str() {
        "FATAL" => Some(LevelFilter::ERROR),
        other => other.parse().ok(),
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::WARN
        || !LIBRARIES.iter().any(|library| metadata.target().starts_with(library))
}

/// True the first time it is asked in a process: that invocation paid for the start.
pub fn is_cold_start() -> bool {
    static STARTED: AtomicBool = AtomicBool::new(false);
    !STARTED.swap(true, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_the_names_lambda_uses() {
        assert_eq!(parse_level("FATAL"), Some(LevelFilter::ERROR));
        assert_eq!(parse_level("debug"), Some(LevelFilter::DEBUG));
        assert_eq!(parse_level("loud"), None);
    }

    /// At its finest level the SDK writes whole requests out, and with them what they carry.
    #[test]
    fn libraries_may_only_warn() {
        use std::sync::Arc;
        use std::sync::atomic::AtomicUsize;

        let seen = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&seen);
        let counting = tracing_subscriber::fmt::layer().with_writer(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            std::io::sink()
        });
        let subscriber =
            tracing_subscriber::registry().with(counting.with_filter(filter_fn(is_ours)));
        tracing::subscriber::with_default(subscriber, || {
            tracing::trace!(target: "aws_smithy_runtime::client::orchestrator", "request");
            tracing::debug!(target: "hyper_util::client", "bytes");
            tracing::info!(target: "lambda_runtime", "event");
            assert_eq!(seen.load(Ordering::Relaxed), 0);
            tracing::warn!(target: "aws_smithy_runtime::client", "retrying");
            tracing::trace!(target: "login::handler", "ours");
            assert_eq!(seen.load(Ordering::Relaxed), 2);
        });
    }

    #[test]
    fn only_the_first_invocation_is_a_cold_start() {
        let first = is_cold_start();
        assert!(!is_cold_start() || first);
        assert!(!is_cold_start());
    }
}
