//! What there is to see of a run. Everything personal is masked here, before anything is shown.

use std::time::{Duration, SystemTime};

use common::journal::{
    Context, Pipeline, Place, Run, RunId, RunState, Standing, Step, StepName, StepRecord, StepState,
};
use serde_json::Value;

use crate::graph::Edge;
use crate::mask;

/// A run as it is shown.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// Its name.
    pub(crate) id: RunId,
    /// The name of its pipeline.
    pub(crate) pipeline: String,
    /// How it stands: by its steps, if the pipeline is known, or else as it was written down.
    pub(crate) state: RunState,
    /// When it was started.
    pub(crate) created: SystemTime,
    /// Nothing will happen unless somebody does something.
    pub(crate) is_over: bool,
    /// Its steps, each after those it waits for.
    pub(crate) steps: Vec<StepView>,
    /// Which steps wait for which, by their places among `steps`; none of an unknown pipeline.
    pub(crate) edges: Vec<Edge>,
    /// What was known at the start, and what each step added.
    pub(crate) changes: Vec<Change>,
    /// What is known now.
    pub(crate) known: Context,
}

/// A step as it is shown.
#[derive(Debug, Clone)]
pub(crate) struct StepView {
    /// Its name.
    pub(crate) name: StepName,
    /// What the pipeline says of it; nothing if it does not, or is unknown.
    pub(crate) rule: Option<Step>,
    /// The step whose failure it is for.
    pub(crate) cause: Option<StepName>,
    /// Where it stands, in a word: one of [`Place`], or `pending` where the pipeline is unknown.
    pub(crate) place: &'static str,
    /// How often it was taken up.
    pub(crate) attempts: u32,
    /// When it was taken up last.
    pub(crate) started: Option<SystemTime>,
    /// When it ended.
    pub(crate) ended: Option<SystemTime>,
    /// Why it failed.
    pub(crate) failure: Option<String>,
    /// What it added to the context.
    pub(crate) added: Option<Context>,
}

impl StepView {
    /// How long the last attempt took; nothing unless it has ended.
    #[must_use]
    pub(crate) fn duration(&self) -> Option<Duration> {
        self.ended?.duration_since(self.started?).ok()
    }
}

/// What became known at once.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    /// Which step added it; none: the run was started with it.
    pub(crate) by: Option<StepName>,
    /// The fields.
    pub(crate) fields: Vec<Field>,
}

/// A field that became known.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: String,
    /// What it says.
    pub(crate) value: Value,
    /// What it said before, if it did.
    pub(crate) before: Option<Value>,
}

impl View {
    /// What there is to see of a run of this pipeline, or of an unknown one.
    #[must_use]
    pub(crate) fn of(run: &Run, pipeline: Option<&Pipeline>) -> Self {
        let standing = pipeline.map(|pipeline| Standing::of(pipeline, run));
        let steps = steps(run, pipeline, standing.as_ref());
        let state = standing.map_or(run.state, |standing| standing.state);
        let is_moving = |step: &StepView| {
            step.place == Place::Ready.word() || step.place == Place::Active.word()
        };
        // After a failure, what is at work goes on, and what is for the failure begins.
        let is_over = state != RunState::Running && !steps.iter().any(is_moving);
        let (changes, known) = changes(run, &steps, pipeline.is_some());
        Self {
            id: run.id,
            pipeline: mask::text(&run.pipeline),
            state,
            created: run.created,
            is_over,
            edges: edges(&steps),
            steps,
            changes,
            known,
        }
    }

    /// The address of the run.
    #[must_use]
    pub(crate) fn path(&self) -> String {
        format!("/runs/{}", self.id)
    }

    /// The steps that can be opened again: those that failed, of a pipeline that would move them.
    pub(crate) fn failed(&self) -> impl Iterator<Item = &StepName> {
        let has_failed =
            |step: &&StepView| step.rule.is_some() && step.place == Place::Failed.word();
        self.steps.iter().filter(has_failed).map(|step| &step.name)
    }
}

fn steps(run: &Run, pipeline: Option<&Pipeline>, standing: Option<&Standing>) -> Vec<StepView> {
    let default = StepRecord::default();
    let ruled = pipeline.into_iter().flat_map(|pipeline| {
        pipeline.steps().map(|rule| {
            let record = run.steps.get(&rule.name).unwrap_or(&default);
            let place = standing.and_then(|standing| standing.places.get(&rule.name));
            let mut view = shown(&rule.name, record);
            view.place = place.map_or(view.place, |place| place.word());
            view.cause = pipeline.cause_of(&rule.name).map(|cause| cause.name.clone());
            view.rule = Some(rule.clone());
            view
        })
    });
    // A pipeline may have lost steps since the run began.
    let is_left = |name: &StepName| pipeline.is_none_or(|pipeline| pipeline.step(name).is_none());
    let mut left: Vec<StepView> = run
        .steps
        .iter()
        .filter(|(name, _)| is_left(name))
        .map(|(name, record)| shown(name, record))
        .collect();
    left.sort_by_key(|step| (step.ended.is_none(), step.ended));
    ruled.chain(left).collect()
}

/// A step by its record alone.
fn shown(name: &StepName, record: &StepRecord) -> StepView {
    let (place, failure, added) = match &record.state {
        StepState::Pending => ("pending", None, None),
        StepState::Claimed { .. } => (Place::Active.word(), None, None),
        StepState::Done { added } => (Place::Done.word(), None, Some(mask::context(added))),
        StepState::Failed { reason } => (Place::Failed.word(), Some(mask::text(reason)), None),
    };
    StepView {
        name: name.clone(),
        rule: None,
        cause: None,
        place,
        attempts: record.attempts,
        started: record.started,
        ended: record.ended,
        failure,
        added,
    }
}

fn edges(steps: &[StepView]) -> Vec<Edge> {
    let at = |name: &StepName| steps.iter().position(|step| step.name == *name);
    let mut edges = Vec::new();
    for (to, step) in steps.iter().enumerate() {
        let cause = step.cause.as_ref();
        let after = step.rule.iter().flat_map(|rule| &rule.after);
        let after = after.filter(|name| Some(*name) != cause).map(|name| (name, false));
        for (name, is_for_failure) in after.chain(cause.map(|name| (name, true))) {
            edges.extend(at(name).map(|from| Edge { from, to, is_for_failure }));
        }
    }
    edges
}

/// What became known, in the order in which it counts.
fn changes(run: &Run, steps: &[StepView], is_known: bool) -> (Vec<Change>, Context) {
    let mut known = Context::new();
    // No step reads what a step has added that the pipeline does not have.
    let counts = |step: &&StepView| !is_known || step.rule.is_some();
    let started = mask::context(&run.context);
    let all = steps
        .iter()
        .filter(counts)
        .filter_map(|step| step.added.as_ref().map(|added| (Some(step.name.clone()), added)));
    let mut changes = Vec::new();
    for (by, added) in std::iter::once((None, &started)).chain(all) {
        let mut fields = Vec::new();
        for (name, value) in added {
            let before = known.insert(name.clone(), value.clone());
            fields.push(Field { name: name.clone(), value: value.clone(), before });
        }
        changes.push(Change { by, fields });
    }
    (changes, known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::clock::from_epoch_seconds as at;
    use proptest::prelude::*;
    use serde_json::json;

    /// Any pipeline whose steps wait for any of those before them, in the reverse order of that;
    /// nothing if it cannot be run.
    fn pipeline(steps: &[(u8, u8, bool)]) -> Option<Pipeline> {
        let of = |at: usize, (waits, causes, required): (u8, u8, bool)| {
            let after = (0..at).filter(|before| waits >> before & 1 == 1);
            let after: Vec<String> = after.map(|before| format!("s{before}")).collect();
            let handler = (at + 1..steps.len()).find(|later| causes >> later & 1 == 1);
            json!({
                "name": format!("s{at}"), "kind": "function", "required": required, "after": after,
                "on_failure": handler.map(|handler| format!("s{handler}"))
            })
        };
        let all: Vec<Value> =
            steps.iter().enumerate().map(|(at, step)| of(at, *step)).rev().collect();
        json!({ "name": "any", "steps": all }).to_string().parse().ok()
    }

    /// A run some of whose steps are done, each adding a field that others add, too.
    fn run(pipeline: &Pipeline, done: u8) -> Run {
        let known = json!({ "field": "start", "phone": "+15550100123" });
        let known = known.as_object().cloned().unwrap_or_default();
        let mut run = Run::new(RunId::from_bits(7), pipeline, known, at(1_772_366_400));
        for (bit, step) in pipeline.steps().enumerate().filter(|(bit, _)| done >> bit & 1 == 1) {
            let added = json!({ "field": bit, step.name.as_str(): "ada@example.com" });
            let added = added.as_object().cloned().unwrap_or_default();
            let record = StepRecord { state: StepState::Done { added }, ..StepRecord::default() };
            run.steps.insert(step.name.clone(), record);
        }
        run
    }

    proptest! {
        #[test]
        fn a_step_comes_after_what_it_waits_for_and_knows_what_is_shown(
            steps in prop::collection::vec(any::<(u8, u8, bool)>(), 1..8), done: u8
        ) {
            let Some(pipeline) = pipeline(&steps) else { return Ok(()) };
            let run = run(&pipeline, done);
            let view = View::of(&run, Some(&pipeline));
            prop_assert_eq!(view.steps.len(), steps.len());
            prop_assert!(view.edges.iter().all(|edge| edge.from < edge.to));
            prop_assert_eq!(&view.known, &mask::context(&run.known(&pipeline)));
            let shown = format!("{view:?}");
            prop_assert!(!shown.contains("ada@") && !shown.contains("5550100123"), "{}", shown);
        }
    }
}
