//! The queue between the two functions, and its dead letters.

use serde_json::json;

use crate::queues::{Pause, Queue};

fn codes_queue() -> Queue {
    Queue::named("faas-patterns-codes")
}

/// Keeps the requests for codes in their queue.
pub(super) fn pause() -> Pause {
    Pause::of("-codes")
}

/// Puts messages into the queue, ten at a time.
pub(super) fn send(bodies: &[String]) {
    codes_queue().send(bodies);
}

/// The message that asks for a code, as `login` sends it.
pub(super) fn request(challenge: &str, number: u32) -> String {
    json!({
        "specversion": "1.0",
        "id": format!("{challenge}-{number}"),
        "source": "/login",
        "type": "faas-patterns.code.requested",
        "time": "2026-01-01T00:00:00.000Z",
        "subject": challenge,
        "data": { "challenge": challenge, "number": number },
    })
    .to_string()
}

/// The messages that wait in the queue. They go on waiting.
pub(super) fn waiting() -> Vec<String> {
    codes_queue().waiting()
}

/// All messages that have been found in the dead-letter queue. They stay there.
pub(super) fn dead_letters() -> Vec<String> {
    Queue::named("CodesDeadLetterQueue").letters()
}
