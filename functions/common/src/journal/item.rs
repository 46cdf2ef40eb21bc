//! How runs and steps are stored in DynamoDB.

use std::time::SystemTime;

use aws_sdk_dynamodb::types::AttributeValue;

use super::pipeline::StepName;
use super::run::{Context, Run, RunId, StepRecord, StepState};
use crate::aws::item::{optional, read_millis, read_seconds};
use crate::clock::rfc3339;

pub(super) use crate::aws::item::{
    AttributeError, Item, millis, number, parsed, read_number, read_text, seconds, text,
};

/// The `sk` of a run.
pub(super) const RUN: &str = "run";
/// What the `sk` of a step starts with.
const STEP: &str = "step#";
pub(super) const PENDING: &str = "pending";
pub(super) const CLAIMED: &str = "claimed";
pub(super) const DONE: &str = "done";
pub(super) const FAILED: &str = "failed";

pub(super) fn pk(id: RunId) -> String {
    format!("run#{id}")
}

pub(super) fn step_key(step: &StepName) -> String {
    format!("{STEP}{step}")
}

pub(super) fn key(id: RunId, sk: &str) -> Item {
    Item::from([("pk".to_owned(), text(&pk(id))), ("sk".to_owned(), text(sk))])
}

/// A context is kept as text: its numbers and the order of its members survive, and no name in it
/// can be taken for one of ours.
pub(super) fn json(context: &Context) -> AttributeValue {
    // A map of JSON values always serialises.
    AttributeValue::S(serde_json::to_string(context).unwrap_or_default())
}

/// The items of a run that is about to start: itself, and its steps.
pub(super) fn of(run: &Run, expires: SystemTime) -> Vec<Item> {
    let item = |sk: &str, attributes: Vec<(&str, AttributeValue)>| {
        let mut item = key(run.id, sk);
        item.insert("expires".to_owned(), seconds(expires));
        item.extend(attributes.into_iter().map(|(name, value)| (name.to_owned(), value)));
        item
    };
    let own = vec![
        ("pipeline", text(&run.pipeline)),
        ("state", text(run.state.word())),
        ("created", text(&rfc3339(run.created))),
        ("created_at", millis(run.created)),
        ("context", json(&run.context)),
    ];
    let pending =
        || vec![("state", text(PENDING)), ("attempts", number(0)), ("answered", number(0))];
    std::iter::once(item(RUN, own))
        .chain(run.steps.keys().map(|step| item(&step_key(step), pending())))
        .collect()
}

/// Puts a run together; nothing if its own item is not there, or has expired: items are deleted
/// late and one by one.
pub(super) fn to_run(items: &[Item], now: SystemTime) -> Result<Option<Run>, AttributeError> {
    let mut run = None;
    let mut steps = Vec::new();
    for item in items {
        let sk = read_text(item, "sk")?;
        if let Some(step) = sk.strip_prefix(STEP) {
            let name: StepName = step.parse().map_err(|_| AttributeError("sk"))?;
            steps.push((name, to_record(item)?));
        } else if sk == RUN && read_seconds(item, "expires")? > now {
            let id = read_text(item, "pk")?.strip_prefix("run#").ok_or(AttributeError("pk"))?;
            run = Some(Run {
                id: id.parse().map_err(|_| AttributeError("pk"))?,
                pipeline: read_text(item, "pipeline")?.to_owned(),
                created: read_millis(item, "created_at")?,
                reopened: optional(item, "reopened", read_millis)?,
                state: parsed(item, "state")?,
                context: read_json(item, "context")?,
                steps: std::collections::BTreeMap::new(),
            });
        }
    }
    Ok(run.map(|run| Run { steps: steps.into_iter().collect(), ..run }))
}

/// Reads a step.
pub(super) fn to_record(item: &Item) -> Result<StepRecord, AttributeError> {
    let state = match read_text(item, "state")? {
        PENDING => StepState::Pending,
        CLAIMED => StepState::Claimed {
            owner: read_text(item, "owner")?
                .to_owned()
                .try_into()
                .map_err(|_| AttributeError("owner"))?,
            lease_ends: read_millis(item, "lease_ends")?,
        },
        DONE => StepState::Done { added: read_json(item, "added")? },
        FAILED => StepState::Failed { reason: read_text(item, "failure")?.to_owned() },
        _ => return Err(AttributeError("state")),
    };
    Ok(StepRecord {
        state,
        attempts: read_number(item, "attempts")?,
        answered: read_number(item, "answered")?,
        started: optional(item, "started", read_millis)?,
        ended: optional(item, "ended", read_millis)?,
    })
}

fn read_json(item: &Item, name: &'static str) -> Result<Context, AttributeError> {
    serde_json::from_str(read_text(item, name)?).map_err(|_| AttributeError(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::from_epoch_seconds as at;
    use crate::journal::Pipeline;
    use serde_json::json;

    fn run() -> Run {
        let pipeline: Pipeline = r#"{"name":"p","steps":[
            {"name":"a","kind":"function","required":true},
            {"name":"b","kind":"function","required":false,"after":["a"]}
        ]}"#
        .parse()
        .unwrap();
        let context = json!({ "name": "Ünal", "pk": "x" }).as_object().unwrap().clone();
        Run::new(RunId::from_bits(7), &pipeline, context, at(1_772_366_400))
    }

    #[test]
    fn a_run_reads_as_it_was_written() {
        let run = run();
        let items = of(&run, at(1_780_000_000));
        assert_eq!(items.len(), 3);
        assert_eq!(to_run(&items, at(1_779_999_999)), Ok(Some(run)));
    }

    #[test]
    fn a_run_without_its_own_item_is_none() {
        assert_eq!(to_run(&of(&run(), at(9))[1..], at(0)), Ok(None));
        assert_eq!(to_run(&[], at(0)), Ok(None));
    }

    #[test]
    fn a_run_that_has_expired_is_none_although_it_is_stored() {
        assert_eq!(to_run(&of(&run(), at(9)), at(9)), Ok(None));
    }

    #[test]
    fn an_item_of_another_shape_is_refused_by_name() {
        let mut items = of(&run(), at(9));
        items[1].insert("state".to_owned(), text("lost"));
        assert_eq!(to_run(&items, at(0)), Err(AttributeError("state")));
        items[0].remove("context");
        assert_eq!(to_run(&items[..1], at(0)), Err(AttributeError("context")));
    }
}
