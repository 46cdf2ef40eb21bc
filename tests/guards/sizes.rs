//! How large functions may be: to download, and in memory.

use crate::built::{alone, event, program, stage};
use tests::function::Function;
use tests::package::zip_size;

struct Limit {
    function: &'static str,
    event: &'static str,
    /// Of the packed function, in bytes.
    zip: usize,
    /// Of its memory at the peak, in bytes.
    memory: u64,
}

/// Three AWS clients, the pages and the tables of Unicode take half a megabyte more than two
/// clients do.
const LOGIN: u64 = 9_500_000;
/// Argon2id fills 19 MiB to check a password, and it is the point of it that less would not do. It
/// is kept for the next one.
const ARGON2: u64 = 19 * 1024 * 1024;

const LIMITS: [Limit; 14] = [
    Limit {
        function: "hello-http",
        event: "add-defaults/http-empty-object",
        zip: 1_200_000,
        memory: 4_000_000,
    },
    Limit {
        function: "add-defaults",
        event: "add-defaults/http-empty-object",
        zip: 2_600_000,
        memory: 7_000_000,
    },
    Limit {
        function: "widget-api",
        event: "widget-api/http-create",
        zip: 3_200_000,
        memory: 9_000_000,
    },
    Limit {
        function: "widget-api",
        event: "widget-api/http-create-idempotent",
        zip: 3_200_000,
        memory: 9_000_000,
    },
    Limit { function: "login", event: "login/http-code", zip: 3_200_000, memory: LOGIN },
    Limit {
        function: "login",
        event: "login/http-sign-in",
        zip: 3_200_000,
        memory: LOGIN + ARGON2,
    },
    Limit {
        function: "two-factor",
        event: "two-factor/sqs-code-requested",
        zip: 3_200_000,
        memory: 9_000_000,
    },
    Limit {
        function: "create-user",
        event: "create-user/http-create-least",
        zip: 3_200_000,
        memory: LOGIN + ARGON2,
    },
    Limit {
        function: "email-user",
        event: "email-user/sqs-step-ready",
        zip: 3_200_000,
        memory: 9_500_000,
    },
    Limit {
        function: "subscribe-user",
        event: "subscribe-user/sqs-step-ready",
        zip: 3_200_000,
        memory: 9_500_000,
    },
    Limit {
        function: "subscriptions",
        event: "subscriptions/http-style",
        zip: 3_200_000,
        memory: 9_500_000,
    },
    Limit {
        function: "call-webhook",
        event: "call-webhook/sqs-step-ready",
        zip: 3_200_000,
        memory: 9_500_000,
    },
    Limit {
        function: "advance",
        event: "advance/stream-step-ended",
        zip: 3_200_000,
        memory: 9_000_000,
    },
    Limit { function: "runs", event: "runs/http-run-page", zip: 3_200_000, memory: 9_000_000 },
];

#[test]
fn functions_are_small_to_download() {
    for Limit { function, zip: limit, .. } in &LIMITS {
        let size = zip_size(program(function)).unwrap();
        assert!(size <= *limit, "{function} packs to {size} bytes, the limit is {limit}");
    }
}

#[test]
fn functions_are_small_in_memory() {
    let _alone = alone();
    let stage = stage("memory").unwrap();
    for limit in &LIMITS {
        let mut running = Function::start(&stage.launch(program(limit.function))).unwrap();
        for _ in 0..50 {
            running.invoke(&event(limit.event)).unwrap();
        }
        let (function, peak) = (limit.function, running.peak_memory().unwrap());
        assert!(
            peak <= limit.memory,
            "{function} takes {peak} bytes, the limit is {limit}",
            limit = limit.memory
        );
    }
}
