//! Where a run stands: what follows from its pipeline and its steps. Nothing of it is stored.

use std::collections::BTreeMap;

use serde_json::Value;

use super::pipeline::{Kind, Pipeline, Step, StepName};
use super::run::{Context, Run, RunState, StepState};

/// Where a step stands within its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Steps before it are not over.
    Blocked,
    /// It can be taken up.
    Ready,
    /// It waits for a person.
    Waiting,
    /// Somebody is at it.
    Active,
    /// It is done.
    Done,
    /// It is left out: its field is missing, or what it is for did not happen.
    Skipped,
    /// It has failed.
    Failed,
    /// It cannot be reached any more, unless a failed step is opened again.
    Unreachable,
}

impl Place {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Ready => "ready",
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Unreachable => "unreachable",
        }
    }

    const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Skipped | Self::Failed | Self::Unreachable)
    }
}

/// Where a run and its steps stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The run.
    pub state: RunState,
    /// Its steps.
    pub places: BTreeMap<StepName, Place>,
}

impl Standing {
    /// Where a run stands.
    #[must_use]
    pub fn of(pipeline: &Pipeline, run: &Run) -> Self {
        let known = run.known(pipeline);
        let mut places: BTreeMap<StepName, Place> = BTreeMap::new();
        for step in pipeline.steps() {
            let place = place(pipeline, run, step, &known, &places);
            places.insert(step.name.clone(), place);
        }
        let has_failed = |step: &Step| step.required && places[&step.name] == Place::Failed;
        let state = if pipeline.steps().any(has_failed) {
            RunState::Failed
        } else if places.values().all(|place| place.is_over()) {
            RunState::Done
        } else {
            RunState::Running
        };
        Self { state, places }
    }

    /// Whether nothing happens any more unless somebody does something. What is at work when a run
    /// fails goes on, and what is for the failure begins.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.places.values().all(|place| place.is_over())
    }

    /// The steps that can be taken up.
    pub fn ready(&self) -> impl Iterator<Item = &StepName> {
        self.places.iter().filter(|(_, place)| **place == Place::Ready).map(|(name, _)| name)
    }
}

fn place(
    pipeline: &Pipeline,
    run: &Run,
    step: &Step,
    known: &Context,
    places: &BTreeMap<StepName, Place>,
) -> Place {
    match run.steps.get(&step.name).map(|record| &record.state) {
        Some(StepState::Done { .. }) => return Place::Done,
        Some(StepState::Failed { .. }) => return Place::Failed,
        Some(StepState::Claimed { .. }) => return Place::Active,
        Some(StepState::Pending) => {}
        // The run was started before there was such a step; it goes on without it.
        None => return Place::Skipped,
    }
    // Steps are sorted, so those before have their places.
    let of = |name: &StepName| places.get(name).copied().unwrap_or(Place::Blocked);
    let is_required = |name: &StepName| pipeline.step(name).is_some_and(|step| step.required);
    let cause = pipeline.cause_of(&step.name).map(|cause| of(&cause.name));
    match cause {
        Some(Place::Failed) | None => {}
        Some(Place::Done | Place::Skipped | Place::Unreachable) => return Place::Skipped,
        Some(_) => return Place::Blocked,
    }
    let is_dead = |name: &StepName| match of(name) {
        Place::Failed => is_required(name),
        place => place == Place::Unreachable,
    };
    if step.after.iter().any(is_dead) {
        return Place::Unreachable;
    }
    if !step.after.iter().all(|name| of(name).is_over()) {
        return Place::Blocked;
    }
    let is_wanted = |field: &String| known.get(field).is_some_and(|value| *value != Value::Null);
    match (&step.when, step.kind) {
        (Some(field), _) if !is_wanted(field) => Place::Skipped,
        // Once a step that had to go well has failed, nothing new begins but what that failure asks for.
        _ if cause.is_none() && has_failed(pipeline, run) => Place::Unreachable,
        (_, Kind::Person) => Place::Waiting,
        _ => Place::Ready,
    }
}

fn has_failed(pipeline: &Pipeline, run: &Run) -> bool {
    pipeline.steps().filter(|step| step.required).any(|step| {
        let record = run.steps.get(&step.name);
        record.is_some_and(|record| matches!(record.state, StepState::Failed { .. }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_epoch_seconds as at;
    use crate::idempotency::EffectId;
    use crate::journal::run::{RunId, StepRecord};
    use serde_json::json;

    fn pipeline() -> Pipeline {
        r#"{"name":"p","steps":[
            {"name":"first","kind":"function","required":true,"on_failure":"ticket"},
            {"name":"extra","kind":"function","required":false,"when":"newsletter"},
            {"name":"approve","kind":"person","required":true,"after":["first","extra"]},
            {"name":"last","kind":"function","required":true,"after":["approve"]},
            {"name":"ticket","kind":"function","required":false}
        ]}"#
        .parse()
        .unwrap()
    }

    fn run(context: &serde_json::Value, states: &[(&str, StepState)]) -> Run {
        let context = context.as_object().unwrap().clone();
        let mut run = Run::new(RunId::from_bits(1), &pipeline(), context, at(0));
        for (name, state) in states {
            let record = StepRecord { state: state.clone(), ..StepRecord::default() };
            run.steps.insert(name.parse().unwrap(), record);
        }
        run
    }

    fn places(run: &Run) -> (RunState, Vec<(String, &'static str)>) {
        let standing = Standing::of(&pipeline(), run);
        let places = standing.places.iter();
        (standing.state, places.map(|(name, place)| (name.to_string(), place.word())).collect())
    }

    fn words(run: &Run) -> String {
        let (state, places) = places(run);
        let order = ["first", "extra", "approve", "last", "ticket"];
        let word = |name: &str| places.iter().find(|(found, _)| found == name).unwrap().1;
        format!("{}: {}", state.word(), order.map(word).join(" "))
    }

    fn done(added: &serde_json::Value) -> StepState {
        StepState::Done { added: added.as_object().unwrap().clone() }
    }

    fn failed() -> StepState {
        StepState::Failed { reason: "it broke".into() }
    }

    #[test]
    fn what_waits_for_nothing_is_ready() {
        assert_eq!(
            words(&run(&json!({ "newsletter": true }), &[])),
            "running: ready ready blocked blocked blocked"
        );
    }

    #[test]
    fn missing_and_null_leave_a_step_out_and_other_values_do_not() {
        for (context, word) in [
            (json!({}), "skipped"),
            (json!({ "newsletter": null }), "skipped"),
            (json!({ "newsletter": false }), "ready"),
            (json!({ "newsletter": "" }), "ready"),
        ] {
            assert!(words(&run(&context, &[])).contains(word));
        }
    }

    #[test]
    fn a_field_that_a_step_adds_counts() {
        let run = run(&json!({}), &[("first", done(&json!({ "newsletter": 1 })))]);
        assert_eq!(words(&run), "running: done ready blocked blocked skipped");
    }

    #[test]
    fn an_optional_failure_fails_nothing() {
        let run =
            run(&json!({ "newsletter": 1 }), &[("extra", failed()), ("first", done(&json!({})))]);
        assert_eq!(words(&run), "running: done failed waiting blocked skipped");
    }

    #[test]
    fn a_required_failure_fails_the_run_and_starts_only_what_is_for_it() {
        let run = run(&json!({ "newsletter": 1 }), &[("first", failed())]);
        assert_eq!(words(&run), "failed: failed unreachable unreachable unreachable ready");
    }

    #[test]
    fn what_is_at_work_when_a_run_fails_goes_on() {
        let claimed = StepState::Claimed { owner: EffectId::from_bits(1), lease_ends: at(9) };
        let run = run(&json!({ "newsletter": 1 }), &[("first", failed()), ("extra", claimed)]);
        assert_eq!(words(&run), "failed: failed active unreachable unreachable ready");
    }

    #[test]
    fn a_person_is_waited_for() {
        let run = run(&json!({}), &[("first", done(&json!({})))]);
        assert_eq!(words(&run), "running: done skipped waiting blocked skipped");
    }

    #[test]
    fn a_run_goes_on_without_steps_that_were_added_later() {
        let mut run = run(&json!({}), &[("first", done(&json!({})))]);
        run.steps.remove(&"approve".parse().unwrap());
        assert_eq!(words(&run), "running: done skipped skipped ready skipped");
        let ends = ["first", "last"].map(|name| (name, done(&json!({}))));
        let mut run = self::run(&json!({}), &ends);
        run.steps.remove(&"approve".parse().unwrap());
        assert_eq!(words(&run), "done: done skipped skipped done skipped");
    }

    #[test]
    fn a_run_is_done_when_nothing_is_left() {
        let ends = ["first", "approve", "last"].map(|name| (name, done(&json!({}))));
        assert_eq!(words(&run(&json!({}), &ends)), "done: done skipped done done skipped");
    }
}
