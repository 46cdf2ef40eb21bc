//! Runs as JSON.

use common::clock::rfc3339;
use serde_json::{Value, json};

use crate::list::{Listed, PageRequest};
use crate::view::{StepView, View};
use crate::words;

/// A run.
#[must_use]
pub(crate) fn run(view: &View) -> Value {
    json!({
        "run": view.id.to_string(),
        "pipeline": view.pipeline,
        "state": view.state.word(),
        "over": view.is_over,
        "created": rfc3339(view.created),
        "steps": view.steps.iter().map(step).collect::<Vec<Value>>(),
        "context": view.known,
    })
}

fn step(step: &StepView) -> Value {
    let mut document = json!({
        "name": step.name.as_str(),
        "place": step.place,
        "attempts": step.attempts,
    });
    let mut set = |name: &str, value: Value| document[name] = value;
    if let Some(rule) = &step.rule {
        set("kind", words::kind(rule.kind).into());
        set("required", rule.required.into());
        set("after", rule.after.iter().map(|name| name.as_str()).collect());
        if let Some(field) = &rule.when {
            set("when", field.as_str().into());
        }
    }
    if let Some(cause) = &step.cause {
        set("onFailureOf", cause.as_str().into());
    }
    if let Some(started) = step.started {
        set("started", rfc3339(started).into());
    }
    if let Some(ended) = step.ended {
        set("ended", rfc3339(ended).into());
    }
    if let Some(duration) = step.duration() {
        set("durationMs", u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).into());
    }
    if let Some(failure) = &step.failure {
        set("failure", failure.as_str().into());
    }
    if let Some(added) = &step.added {
        set("added", added.clone().into());
    }
    document
}

/// A list of runs.
#[must_use]
pub(crate) fn list(page: &PageRequest, listed: &Listed) -> Value {
    let items = listed.entries.iter().map(|entry| {
        json!({
            "run": entry.id.to_string(),
            "pipeline": entry.pipeline,
            "state": page.state.word(),
            "created": rfc3339(entry.created),
        })
    });
    let mut document = json!({ "items": items.collect::<Vec<Value>>() });
    if let Some(last) = listed.last {
        document["next"] = last.to_string().into();
    }
    document
}
