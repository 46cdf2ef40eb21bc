//! The index of runs by their state.

use aws_sdk_dynamodb::Client;
use common::aws::DynamoError;
use common::aws::item::{AttributeError, Item, read_text, text};
use common::clock;
use common::journal::RunState;

use crate::list::{Entry, Listed, PageRequest, Position};
use crate::ports::Runs;

/// The index: partition key `state`, sort key `created`, with the table's keys and `pipeline`.
const INDEX: &str = "by-state";

/// Lists the runs of a table.
#[derive(Debug, Clone)]
pub struct DynamoRuns {
    client: Client,
    runs_table: String,
}

impl DynamoRuns {
    /// Lists the runs of the table of that name.
    #[must_use]
    pub fn new(client: Client, runs_table: impl Into<String>) -> Self {
        Self { client, runs_table: runs_table.into() }
    }
}

impl Runs for DynamoRuns {
    type Error = DynamoError;

    async fn list(&self, page: &PageRequest) -> Result<Listed, DynamoError> {
        let query = self
            .client
            .query()
            .table_name(&self.runs_table)
            .index_name(INDEX)
            .key_condition_expression("#state = :state")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(page.state.word()))
            .scan_index_forward(false)
            .limit(i32::from(page.limit))
            .set_exclusive_start_key(page.after.map(|after| key(page.state, after)));
        let found = query.send().await.map_err(DynamoError::of("Query"))?;
        let entries: Result<Vec<Entry>, AttributeError> = found.items().iter().map(entry).collect();
        let last = found.last_evaluated_key.filter(|key| !key.is_empty());
        Ok(Listed { entries: entries?, last: last.as_ref().map(position).transpose()? })
    }
}

/// The key of a run in the index, and in the table.
fn key(state: RunState, Position { created, id }: Position) -> Item {
    let key = [
        ("pk", format!("run#{id}")),
        ("sk", "run".to_owned()),
        ("state", state.word().to_owned()),
        ("created", clock::rfc3339(created)),
    ];
    key.map(|(name, value)| (name.to_owned(), text(&value))).into()
}

fn position(item: &Item) -> Result<Position, AttributeError> {
    let id = read_text(item, "pk")?.strip_prefix("run#").and_then(|id| id.parse().ok());
    let created = clock::parse_rfc3339(read_text(item, "created")?);
    Ok(Position {
        id: id.ok_or(AttributeError("pk"))?,
        created: created.ok_or(AttributeError("created"))?,
    })
}

fn entry(item: &Item) -> Result<Entry, AttributeError> {
    let Position { id, created } = position(item)?;
    Ok(Entry { id, created, pipeline: read_text(item, "pipeline")?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::journal::RunId;
    use std::time::{Duration, UNIX_EPOCH};

    fn sample() -> Position {
        let created = UNIX_EPOCH + Duration::from_millis(1_772_366_400_123);
        Position { created, id: RunId::from_bits(7) }
    }

    #[test]
    fn a_key_reads_as_the_position_it_was_made_of() {
        let key = key(RunState::Failed, sample());
        assert_eq!(key["created"], text("2026-03-01T12:00:00.123Z"));
        assert_eq!(key["state"], text("failed"));
        assert_eq!(position(&key).unwrap(), sample());
    }

    #[test]
    fn an_item_of_another_shape_is_refused_by_name() {
        let mut item = key(RunState::Done, sample());
        assert_eq!(entry(&item), Err(AttributeError("pipeline")));
        item.insert("pipeline".to_owned(), text("sign-up"));
        assert_eq!(entry(&item).unwrap().pipeline, "sign-up");
        for name in ["pk", "created"] {
            let mut item = item.clone();
            item.insert(name.to_owned(), text("lost"));
            assert_eq!(entry(&item), Err(AttributeError(name)));
        }
    }
}
