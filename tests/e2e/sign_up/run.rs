//! Runs, as their owners see them.

use std::time::Duration;

use serde_json::Value;

use crate::api::{Answer, get, post};
use crate::turns::eventually;

/// A run that waits for nothing is over within seconds.
pub(super) const SOON: Duration = Duration::from_secs(40);

/// A run, by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    pub(super) id: String,
}

impl Run {
    /// The run that an answer tells of.
    pub(super) fn started_by(answer: &Answer) -> Self {
        assert_eq!(answer.status, 201, "{}", answer.text);
        let id = answer.json()["run"].as_str().unwrap().to_owned();
        let monitor = format!("</runs/{id}>; rel=\"monitor\"");
        assert_eq!(answer.header("link"), Some(monitor.as_str()));
        Self { id }
    }

    pub(super) fn path(&self) -> String {
        format!("/runs/{}", self.id)
    }

    /// How it stands.
    pub(super) fn document(&self) -> Value {
        let answer = get(&self.path());
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// Waits until it is over, and has ended so.
    pub(super) fn wait_for(&self, state: &str, limit: Duration) -> Value {
        let what = format!("the run {} is {state}", self.id);
        let document = eventually(&what, limit, || {
            let document = self.document();
            (document["over"] == true).then_some(document)
        });
        assert_eq!(document["state"], state, "{document}");
        document
    }

    /// Waits until one of its steps is in a place, and tells of the step.
    pub(super) fn wait_for_step(&self, name: &str, place: &str, limit: Duration) -> Value {
        let what = format!("{name} of the run {} is {place}", self.id);
        eventually(&what, limit, || {
            let step = step(&self.document(), name);
            (step["place"] == place).then_some(step)
        })
    }

    /// Asks for what has failed to be tried again.
    pub(super) fn retry(&self) -> Answer {
        post(&format!("{}/retry", self.path()), "{}")
    }
}

/// A step of a document.
pub(super) fn step(document: &Value, name: &str) -> Value {
    let steps = document["steps"].as_array().unwrap();
    let found = steps.iter().find(|step| step["name"] == name);
    found.unwrap_or_else(|| panic!("no step {name} in {document}")).clone()
}

/// The places of all steps of a document, in their order.
pub(super) fn places(document: &Value) -> Vec<&str> {
    let steps = document["steps"].as_array().unwrap();
    steps.iter().map(|step| step["place"].as_str().unwrap()).collect()
}
