//! The messages that bring steps to their functions, and where they end.

use serde_json::{Value, json};

use crate::queues::Queue;

use super::run::Run;

/// The steps, and what their functions are called in the template.
pub(super) const FUNCTIONS: [(&str, &str); 3] = [
    ("email-user", "EmailUser"),
    ("subscribe-user", "SubscribeUser"),
    ("call-webhook", "CallWebhook"),
];

/// The queue of a step.
pub(super) fn queue(step: &str) -> Queue {
    Queue::named(&format!("faas-patterns-{step}"))
}

/// What became dead letters of a step.
pub(super) fn letters(step: &str) -> Vec<String> {
    let (_, function) = FUNCTIONS.into_iter().find(|(name, _)| *name == step).unwrap();
    Queue::named(&format!("{function}DeadLetterQueue")).letters()
}

/// Whether a step of a run is among the dead letters.
pub(super) fn is_dead(run: &Run, step: &str) -> bool {
    letters(step).iter().any(|letter| letter.contains(&run.id))
}

/// The message that says a step can be taken up, as `advance` publishes it.
pub(super) fn ready(run: &str, step: &str) -> String {
    event(run, step).to_string()
}

/// The same, to be changed.
pub(super) fn event(run: &str, step: &str) -> Value {
    json!({
        "specversion": "1.0",
        "id": format!("{run}-{step}"),
        "source": "/runs",
        "type": "faas-patterns.step.ready",
        "data": { "run": run, "step": step },
    })
}
