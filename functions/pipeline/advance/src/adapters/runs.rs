//! Running runs, from the index of the runs' table.

use std::time::SystemTime;

use aws_sdk_dynamodb::Client;
use common::aws::DynamoError;
use common::aws::item::{AttributeError, Item, read_text, text};
use common::clock;
use common::journal::{RunId, RunState};

use crate::handler::{Page, Running};

/// The index by state and start.
const BY_STATE: &str = "by-state";
/// Runs of one page.
const PAGE: i32 = 100;

/// Reads the index of a table. One call a page.
#[derive(Debug, Clone)]
pub struct DynamoRunning {
    client: Client,
    table: String,
}

impl DynamoRunning {
    /// The runs of the table of that name.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}

impl Running for DynamoRunning {
    type Error = DynamoError;

    async fn page(&self, after: Option<String>) -> Result<Page, DynamoError> {
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(BY_STATE)
            .key_condition_expression("#state = :running")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":running", text(RunState::Running.word()))
            .limit(PAGE)
            .set_exclusive_start_key(after.as_deref().map(start).transpose()?);
        let page = query.send().await.map_err(DynamoError::of("Query"))?;
        let runs = page.items().iter().map(run).collect::<Result<_, _>>()?;
        let next = page.last_evaluated_key().filter(|key| !key.is_empty()).map(end).transpose()?;
        Ok(Page { runs, next })
    }
}

fn run(item: &Item) -> Result<(RunId, SystemTime), AttributeError> {
    let id = read_text(item, "pk")?.strip_prefix("run#").and_then(|id| id.parse().ok());
    let created = clock::parse_rfc3339(read_text(item, "created")?);
    let id = id.ok_or(AttributeError("pk"))?;
    Ok((id, created.ok_or(AttributeError("created"))?))
}

/// Where a page ended, as text: run and start.
fn end(key: &Item) -> Result<String, AttributeError> {
    Ok(format!("{} {}", read_text(key, "pk")?, read_text(key, "created")?))
}

/// The key that such a text names.
fn start(end: &str) -> Result<Item, AttributeError> {
    let (pk, created) = end.split_once(' ').ok_or(AttributeError("pk"))?;
    Ok(Item::from([
        ("pk".to_owned(), text(pk)),
        ("sk".to_owned(), text("run")),
        ("state".to_owned(), text(RunState::Running.word())),
        ("created".to_owned(), text(created)),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_begins_where_the_last_one_ended() {
        let key = start(&format!("run#{} 2026-03-01T12:00:00.000Z", RunId::from_bits(7))).unwrap();
        assert_eq!(start(&end(&key).unwrap()).unwrap(), key);
        let (id, created) = run(&key).unwrap();
        assert_eq!((id, created), (RunId::from_bits(7), clock::from_epoch_seconds(1_772_366_400)));
    }
}
