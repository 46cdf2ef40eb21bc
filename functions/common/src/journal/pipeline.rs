//! Pipelines as data: which steps there are, in which order, and which of them must go well.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The name of a step, such as `email-user`: lower-case letters, digits and hyphens, up to 64.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StepName(String);

/// A text that names no step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a step is named by 1 to 64 lower-case letters, digits and hyphens")]
pub struct StepNameError;

impl StepName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StepName {
    type Err = StepNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let is_name = (1..=64).contains(&text.len()) && text.bytes().all(is_part);
        if is_name { Ok(Self(text.to_owned())) } else { Err(StepNameError) }
    }
}

impl TryFrom<String> for StepName {
    type Error = StepNameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<StepName> for String {
    fn from(name: StepName) -> Self {
        name.0
    }
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who does a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A function that takes the step from its queue.
    Function,
    /// A URL that the context is posted to.
    Webhook,
    /// A person, who decides.
    Person,
}

/// A step of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name.
    pub name: StepName,
    /// Who does it.
    pub kind: Kind,
    /// Whether the run fails if it fails.
    pub required: bool,
    /// It is left out unless the context has this field and the field is not null.
    #[serde(default)]
    pub when: Option<String>,
    /// Steps that must be over before it: done, left out, or optional and failed.
    #[serde(default)]
    pub after: Vec<StepName>,
    /// What is done if it fails, and only then.
    #[serde(default)]
    pub on_failure: Option<StepName>,
}

/// A pipeline that can be run: every step it names exists, and each can be reached.
///
/// ```
/// use common::journal::Pipeline;
///
/// let pipeline: Pipeline = r#"{
///     "name": "sign-up",
///     "steps": [
///         { "name": "email-user", "kind": "function", "required": true },
///         { "name": "subscribe-user", "kind": "function", "required": false, "when": "newsletter" }
///     ]
/// }"#.parse()?;
/// assert_eq!(pipeline.steps().count(), 2);
/// # Ok::<(), common::journal::PipelineError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    name: String,
    /// Each after those it comes after.
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: String,
    steps: Vec<Step>,
}

/// Everything that is wrong with a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the pipeline cannot be run: {}", faults.join("; "))]
pub struct PipelineError {
    faults: Vec<String>,
}

impl PipelineError {
    /// One sentence a fault.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

impl Pipeline {
    /// The name of the pipeline.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its steps, each after those it comes after.
    pub fn steps(&self) -> impl DoubleEndedIterator<Item = &Step> {
        self.steps.iter()
    }

    /// A step by its name.
    #[must_use]
    pub fn step(&self, name: &StepName) -> Option<&Step> {
        self.steps.iter().find(|step| step.name == *name)
    }

    /// The step whose failure this one is for, if it is for one.
    #[must_use]
    pub fn cause_of(&self, name: &StepName) -> Option<&Step> {
        self.steps.iter().find(|step| step.on_failure.as_ref() == Some(name))
    }
}

impl FromStr for Pipeline {
    type Err = PipelineError;

    /// Reads a pipeline, or tells everything that is wrong with it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Document { name, steps } = serde_json::from_str(text)
            .map_err(|error| PipelineError { faults: vec![error.to_string()] })?;
        let mut faults = names(&steps);
        if faults.is_empty() {
            match sorted(steps) {
                Ok(steps) => {
                    faults = contradictions(&steps);
                    if faults.is_empty() {
                        return Ok(Self { name, steps });
                    }
                }
                Err(cycle) => faults.push(cycle),
            }
        }
        Err(PipelineError { faults })
    }
}

/// Names that are given twice, or to nothing.
fn names(steps: &[Step]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut known = BTreeSet::new();
    for step in steps {
        if !known.insert(&step.name) {
            faults.push(format!("{} is there twice", step.name));
        }
    }
    if steps.is_empty() {
        faults.push("it has no steps".to_owned());
    }
    let mut handlers = BTreeSet::new();
    for step in steps {
        for other in step.after.iter().chain(&step.on_failure) {
            if !known.contains(other) {
                faults.push(format!("{} names {other}, which is no step", step.name));
            }
        }
        if let Some(handler) = &step.on_failure
            && !handlers.insert(handler)
        {
            faults.push(format!("{handler} is for the failure of more than one step"));
        }
    }
    faults
}

/// Everything a step waits for, by name: those it comes after, and the one it is for.
fn waits_for<'a>(steps: &'a [Step], step: &'a Step) -> impl Iterator<Item = &'a StepName> {
    let cause = steps.iter().find(|other| other.on_failure.as_ref() == Some(&step.name));
    step.after.iter().chain(cause.map(|cause| &cause.name))
}

/// The steps in an order in which each can be done after the one before, in the order of the file
/// where there is a choice.
fn sorted(mut left: Vec<Step>) -> Result<Vec<Step>, String> {
    let all = left.clone();
    let mut sorted: Vec<Step> = Vec::new();
    while !left.is_empty() {
        let is_sorted = |name: &StepName| sorted.iter().any(|step| step.name == *name);
        let next = left.iter().position(|step| waits_for(&all, step).all(is_sorted));
        match next {
            Some(at) => sorted.push(left.remove(at)),
            None => {
                let names: Vec<&str> = left.iter().map(|step| step.name.as_str()).collect();
                return Err(format!("these steps wait for each other: {}", names.join(", ")));
            }
        }
    }
    Ok(sorted)
}

/// Steps that can never be reached, because they wait for a step both to fail and not to.
fn contradictions(steps: &[Step]) -> Vec<String> {
    // What must have failed and what must not have, by step; those before are there already.
    let mut needs: BTreeMap<&StepName, (BTreeSet<&StepName>, BTreeSet<&StepName>)> =
        BTreeMap::new();
    let mut faults = Vec::new();
    for step in steps {
        let (mut failed, mut passed) = (BTreeSet::new(), BTreeSet::new());
        for name in waits_for(steps, step) {
            let (before_failed, before_passed) = needs.get(name).cloned().unwrap_or_default();
            failed.extend(before_failed);
            passed.extend(before_passed);
        }
        let required = |name: &&StepName| steps.iter().any(|s| s.name == **name && s.required);
        passed.extend(step.after.iter().filter(required));
        failed.extend(
            steps.iter().filter(|s| s.on_failure.as_ref() == Some(&step.name)).map(|s| &s.name),
        );
        if let Some(both) = failed.intersection(&passed).next() {
            faults.push(format!("{} waits for {both} both to fail and to be done", step.name));
        }
        needs.insert(&step.name, (failed, passed));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(steps: &str) -> Vec<String> {
        let text = format!(r#"{{"name":"p","steps":[{steps}]}}"#);
        text.parse::<Pipeline>().map_or_else(|error| error.faults, |_| Vec::new())
    }

    fn step(name: &str, more: &str) -> String {
        format!(r#"{{"name":"{name}","kind":"function","required":true{more}}}"#)
    }

    #[test]
    fn steps_are_sorted_by_what_they_come_after() {
        let text = format!(
            r#"{{"name":"p","steps":[{},{},{}]}}"#,
            step("c", r#","after":["a","b"]"#),
            step("b", r#","after":["a"]"#),
            step("a", "")
        );
        let pipeline: Pipeline = text.parse().unwrap();
        let names: Vec<&str> = pipeline.steps().map(|step| step.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
    }

    #[test]
    fn unknown_steps_are_named() {
        let found = faults(&step("a", r#","after":["b"],"on_failure":"c""#));
        assert_eq!(found, ["a names b, which is no step", "a names c, which is no step"]);
    }

    #[test]
    fn cycles_are_refused() {
        let steps = [step("a", r#","after":["b"]"#), step("b", r#","after":["a"]"#)];
        assert_eq!(faults(&steps.join(",")), ["these steps wait for each other: a, b"]);
        assert_eq!(faults(&step("a", r#","after":["a"]"#)).len(), 1);
        let handler = [step("a", r#","on_failure":"b","after":["b"]"#), step("b", "")];
        assert_eq!(faults(&handler.join(",")).len(), 1);
    }

    #[test]
    fn a_step_that_waits_for_a_failure_and_for_its_opposite_is_unreachable() {
        let steps = [
            step("a", r#","on_failure":"ticket""#),
            step("ticket", ""),
            step("report", r#","after":["a","ticket"]"#),
        ];
        assert_eq!(faults(&steps.join(",")), ["report waits for a both to fail and to be done"]);
    }

    #[test]
    fn names_stand_for_one_step() {
        assert_eq!(faults(&[step("a", ""), step("a", "")].join(",")), ["a is there twice"]);
        let shared =
            [step("a", r#","on_failure":"c""#), step("b", r#","on_failure":"c""#), step("c", "")];
        assert_eq!(faults(&shared.join(",")).len(), 1);
        assert_eq!(faults(""), ["it has no steps"]);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert_eq!(faults(&step("a", r#","retries":3"#)).len(), 1);
        assert_eq!(faults(&step("A!", "")).len(), 1);
    }
}
