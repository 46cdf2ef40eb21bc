//! What subscribers decide, in DynamoDB.

use std::time::SystemTime;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use common::aws::DynamoError;
use common::aws::item::text;
use common::clock::rfc3339;

use crate::item::{key, to_state};
use crate::ports::Decisions;
use crate::subscriber::{Digest, State};

/// Keeps decisions in the table of subscribers. One call per decision.
#[derive(Debug, Clone)]
pub struct DynamoDecisions {
    client: Client,
    table: String,
}

impl DynamoDecisions {
    /// Subscribers in the table of this name.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}

impl Decisions for DynamoDecisions {
    type Error = DynamoError;

    async fn confirm(
        &self,
        digest: &Digest,
        now: SystemTime,
    ) -> Result<Option<State>, DynamoError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(digest)))
            .update_expression("SET #state = :confirmed, confirmed_at = :now")
            .condition_expression("#state = :pending")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":confirmed", text(State::Confirmed.word()))
            .expression_attribute_values(":pending", text(State::Pending.word()))
            .expression_attribute_values(":now", text(&rfc3339(now)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = update.send().await else {
            return Ok(Some(State::Confirmed));
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                Ok(failed.item().map(to_state).transpose()?)
            }
            _ => Err(DynamoError::of("UpdateItem")(error)),
        }
    }

    async fn unsubscribe(&self, digest: &Digest, now: SystemTime) -> Result<(), DynamoError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(digest)))
            .update_expression(
                "SET #state = :unsubscribed, created = if_not_exists(created, :now) \
                 REMOVE email, username, confirmed_at",
            )
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":unsubscribed", text(State::Unsubscribed.word()))
            .expression_attribute_values(":now", text(&rfc3339(now)));
        update.send().await.map_err(DynamoError::of("UpdateItem"))?;
        Ok(())
    }
}
