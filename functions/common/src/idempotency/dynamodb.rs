//! Records in a DynamoDB table with the partition key `pk` and time to live on `expires`.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};

use super::{EffectId, Fingerprint, Record, RecordId, State, Store};
use crate::clock::{epoch_seconds, from_epoch_seconds};

type Item = HashMap<String, AttributeValue>;

/// Keeps records in a table. One call each, all of them conditional writes.
#[derive(Debug, Clone)]
pub struct DynamoStore {
    client: Client,
    table: String,
}

/// What DynamoDB fails with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DynamoStoreError {
    /// A record was not written.
    #[error("idempotency record not written")]
    Put(#[from] Box<SdkError<PutItemError>>),
    /// A record was not deleted.
    #[error("idempotency record not deleted")]
    Delete(#[from] Box<SdkError<DeleteItemError>>),
    /// A record lacks an attribute or has one of another type.
    #[error("idempotency record has no valid attribute {0}")]
    Attribute(&'static str),
}

impl DynamoStore {
    /// Keeps records in the table of that name.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}

impl Store for DynamoStore {
    type Error = DynamoStoreError;

    async fn insert(
        &self,
        record: &Record,
        now: SystemTime,
    ) -> Result<Option<Record>, Self::Error> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(record)))
            .condition_expression("attribute_not_exists(pk) OR expires <= :now")
            .expression_attribute_values(":now", number(epoch_seconds(now)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = put.send().await else {
            return Ok(None);
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                from_item(failed.item().ok_or(DynamoStoreError::Attribute("pk"))?).map(Some)
            }
            _ => Err(Box::new(error).into()),
        }
    }

    async fn replace(&self, record: &Record, owner: EffectId) -> Result<bool, Self::Error> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(record)))
            .condition_expression("#owner = :owner AND attribute_exists(lease_ends)")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", AttributeValue::S(owner.to_string()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = put.send().await else {
            return Ok(true);
        };
        match error.as_service_error() {
            // The SDK repeats a write whose answer was lost; then what is there is what was written.
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                Ok(failed.item() == Some(&to_item(record)))
            }
            _ => Err(Box::new(error).into()),
        }
    }

    async fn remove(&self, id: &RecordId, owner: EffectId) -> Result<bool, Self::Error> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(id.as_str().to_owned()))
            .condition_expression("#owner = :owner AND attribute_exists(lease_ends)")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", AttributeValue::S(owner.to_string()));
        let Err(error) = delete.send().await else {
            return Ok(true);
        };
        match error.as_service_error() {
            Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(Box::new(error).into()),
        }
    }
}

/// Leases are kept to the millisecond; expiry in seconds, which is what time to live needs.
fn to_item(record: &Record) -> Item {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let (name, value) = match &record.state {
        State::InProgress { lease_ends } => ("lease_ends", number(epoch_millis(*lease_ends))),
        State::Completed { result } => ("result", text(result)),
    };
    HashMap::from([
        ("pk".to_owned(), text(record.id.as_str())),
        ("fingerprint".to_owned(), text(record.fingerprint.as_str())),
        ("effect".to_owned(), text(&record.effect.to_string())),
        ("owner".to_owned(), text(&record.owner.to_string())),
        ("expires".to_owned(), number(epoch_seconds(record.expires))),
        (name.to_owned(), value),
    ])
}

fn from_item(item: &Item) -> Result<Record, DynamoStoreError> {
    let text = |name: &'static str| match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text.clone()),
        _ => Err(DynamoStoreError::Attribute(name)),
    };
    let number = |name: &'static str| match item.get(name) {
        Some(AttributeValue::N(digits)) => {
            digits.parse::<u64>().map_err(|_| DynamoStoreError::Attribute(name))
        }
        _ => Err(DynamoStoreError::Attribute(name)),
    };
    let id = |name: &'static str| {
        EffectId::try_from(text(name)?).map_err(|_| DynamoStoreError::Attribute(name))
    };
    let state = if item.contains_key("result") {
        State::Completed { result: text("result")? }
    } else {
        State::InProgress { lease_ends: UNIX_EPOCH + Duration::from_millis(number("lease_ends")?) }
    };
    Ok(Record {
        id: RecordId::stored(text("pk")?),
        fingerprint: Fingerprint::stored(text("fingerprint")?),
        effect: id("effect")?,
        owner: id("owner")?,
        state,
        expires: from_epoch_seconds(number("expires")?),
    })
}

fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn epoch_millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(state: State) -> Record {
        Record {
            id: RecordId::stored("abc".into()),
            fingerprint: Fingerprint::of(&[b"body"]),
            effect: EffectId::from_bits(1),
            owner: EffectId::from_bits(2),
            state,
            expires: from_epoch_seconds(1_772_357_400),
        }
    }

    #[test]
    fn records_read_as_they_were_written() {
        let lease_ends = UNIX_EPOCH + Duration::from_millis(1_772_357_400_123);
        for state in
            [State::InProgress { lease_ends }, State::Completed { result: r#"{"a":1}"#.into() }]
        {
            let record = record(state);
            assert_eq!(from_item(&to_item(&record)).unwrap(), record);
        }
    }

    #[test]
    fn a_record_with_a_missing_attribute_is_refused_by_name() {
        let mut item = to_item(&record(State::Completed { result: String::new() }));
        item.remove("fingerprint");
        let error = from_item(&item).unwrap_err();
        assert_eq!(error.to_string(), "idempotency record has no valid attribute fingerprint");
    }
}
