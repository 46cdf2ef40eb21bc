//! What is stored of a run that is always at the same point, in the journal's table.
//!
//! Most runs have just begun. The one that `advance` is told of has its first step behind it, so
//! that two others are ready.

use serde_json::{Value, json};

/// The run whose mail was sent.
const AHEAD: &str = "run#00000000000000000000000000000001";
/// March 2026 and the end of the century, in milliseconds.
const PAST: &str = "1772366400000";
const FUTURE: &str = "4102444800000";

/// The items of a run and its steps.
pub(super) fn items(pk: &str) -> Vec<Value> {
    let context = json!({
        "username": "Ada", "email": "ada@example.com", "locale": "en",
        "newsletter": { "topics": ["compilers"] }, "webhook": true,
    });
    let run = json!({
        "pk": { "S": pk },
        "sk": { "S": "run" },
        "pipeline": { "S": "sign-up" },
        "state": { "S": "running" },
        "created": { "S": "2026-03-01T12:00:00.000Z" },
        "created_at": { "N": PAST },
        "context": { "S": context.to_string() },
        "expires": { "N": FUTURE },
    });
    let first = if pk == AHEAD { ended(pk) } else { pending(pk, "email-user") };
    vec![run, first, pending(pk, "subscribe-user"), pending(pk, "call-webhook")]
}

fn pending(pk: &str, step: &str) -> Value {
    json!({
        "pk": { "S": pk },
        "sk": { "S": format!("step#{step}") },
        "state": { "S": "pending" },
        "attempts": { "N": "0" },
        "answered": { "N": "0" },
        "expires": { "N": FUTURE },
    })
}

fn ended(pk: &str) -> Value {
    let mut step = pending(pk, "email-user");
    step["state"] = json!({ "S": "done" });
    step["attempts"] = json!({ "N": "1" });
    step["answered"] = json!({ "N": "1" });
    step["started"] = json!({ "N": PAST });
    step["ended"] = json!({ "N": PAST });
    step["added"] = json!({ "S": "{}" });
    step
}

/// A step that was just claimed.
pub(super) fn claimed(pk: &str, sk: &str) -> Value {
    json!({
        "pk": { "S": pk },
        "sk": { "S": sk },
        "state": { "S": "claimed" },
        "attempts": { "N": "1" },
        "answered": { "N": "0" },
        "owner": { "S": "0123456789abcdef0123456789abcdef" },
        "lease_ends": { "N": FUTURE },
        "started": { "N": PAST },
        "expires": { "N": FUTURE },
    })
}
