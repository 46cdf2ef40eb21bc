//! The journal in a DynamoDB table with the keys `pk` and `sk`.
//!
//! A run is an item `run`, each of its steps an item `step#<name>`, all under one `pk`, so that one
//! query reads it whole and no two steps write to the same item.

use std::collections::HashMap;
use std::time::SystemTime;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
    Update,
};

use super::item::{self, Item};
use super::pipeline::StepName;
use super::run::{Run, RunId, RunState, StepState};
use super::store::{Attempt, Claim, Claimed, End, Journal};
use crate::aws::{DynamoError, Transacted, repeating, transact};
use crate::clock;
use crate::idempotency::EffectId;

/// Keeps runs in a table.
#[derive(Debug, Clone)]
pub struct DynamoJournal {
    client: Client,
    table: String,
}

impl DynamoJournal {
    /// Keeps runs in the table of that name.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The writes that start a run, to be put into one transaction with what the run is about: so
    /// there is never one without the other. The run is deleted some time after `expires`.
    ///
    /// # Errors
    /// When the SDK refuses to make requests of them.
    pub fn start(
        &self,
        run: &Run,
        expires: SystemTime,
    ) -> Result<Vec<TransactWriteItem>, BuildError> {
        let put = |item| {
            let put = Put::builder().table_name(&self.table).set_item(Some(item));
            // A repeated request finds its run.
            let put = put.condition_expression("attribute_not_exists(pk)").build()?;
            Ok(TransactWriteItem::builder().put(put).build())
        };
        item::of(run, expires).into_iter().map(put).collect()
    }

    fn update(&self, id: RunId, sk: &str) -> UpdateItemFluentBuilder {
        let old = ReturnValuesOnConditionCheckFailure::AllOld;
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(item::key(id, sk)))
            .expression_attribute_names("#state", "state")
            .return_values_on_condition_check_failure(old)
    }
}

impl Journal for DynamoJournal {
    type Error = DynamoError;

    async fn find(&self, id: RunId) -> Result<Option<Run>, DynamoError> {
        let mut items = Vec::new();
        let mut after: Option<Item> = None;
        loop {
            let query = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", item::text(&item::pk(id)))
                // What follows from a run must follow from all that was written.
                .consistent_read(true)
                .set_exclusive_start_key(after.take());
            let page = query.send().await.map_err(DynamoError::of("Query"))?;
            items.extend(page.items.unwrap_or_default());
            match page.last_evaluated_key {
                Some(key) if !key.is_empty() => after = Some(key),
                _ => break,
            }
        }
        Ok(item::to_run(&items, clock::now())?)
    }

    async fn claim(
        &self,
        id: RunId,
        step: &StepName,
        claim: Claim,
        now: SystemTime,
    ) -> Result<Claimed, DynamoError> {
        let update = self
            .update(id, &item::step_key(step))
            .update_expression(
                "SET #state = :claimed, #owner = :owner, lease_ends = :lease_ends, \
                 started = :now ADD attempts :one",
            )
            .condition_expression("#state = :pending OR (#state = :claimed AND lease_ends <= :now)")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":pending", item::text(item::PENDING))
            .expression_attribute_values(":claimed", item::text(item::CLAIMED))
            .expression_attribute_values(":owner", item::text(&claim.owner.to_string()))
            .expression_attribute_values(":lease_ends", item::millis(claim.lease_ends))
            .expression_attribute_values(":now", item::millis(now))
            .expression_attribute_values(":one", item::number(1))
            .return_values(ReturnValue::AllNew);
        let found = match conditional(repeating(|| update.clone().send()).await)? {
            Ok(output) => {
                let record = item::to_record(&output.attributes.unwrap_or_default())?;
                return Ok(Claimed::Yes(Attempt::at(&record)));
            }
            Err(found) => found,
        };
        let Some(found) = found else { return Ok(Claimed::Over) };
        let record = item::to_record(&found)?;
        Ok(match record.state {
            // The SDK repeats a write whose answer was lost.
            StepState::Claimed { owner, .. } if owner == claim.owner => {
                Claimed::Yes(Attempt::at(&record))
            }
            StepState::Claimed { lease_ends, .. } => Claimed::Held(lease_ends),
            _ => Claimed::Over,
        })
    }

    async fn end(
        &self,
        id: RunId,
        step: &StepName,
        owner: EffectId,
        end: &End,
        now: SystemTime,
    ) -> Result<bool, DynamoError> {
        let update = self
            .update(id, &item::step_key(step))
            .condition_expression("#owner = :owner AND #state = :claimed")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", item::text(&owner.to_string()))
            .expression_attribute_values(":claimed", item::text(item::CLAIMED))
            .expression_attribute_values(":now", item::millis(now));
        let (update, state) = match end {
            End::Done(added) => (
                update
                    .update_expression(
                        "SET #state = :state, answered = attempts, ended = :now, added = :added",
                    )
                    .expression_attribute_values(":added", item::json(added)),
                item::DONE,
            ),
            End::Failed(reason) => (
                update
                    .update_expression(
                        "SET #state = :state, answered = attempts, ended = :now, \
                         failure = :failure",
                    )
                    .expression_attribute_values(":failure", item::text(reason)),
                item::FAILED,
            ),
            End::Released => (
                update.update_expression(
                    "SET #state = :state, answered = attempts, lease_ends = :now",
                ),
                item::CLAIMED,
            ),
        };
        let update = update.expression_attribute_values(":state", item::text(state));
        match conditional(repeating(|| update.clone().send()).await)? {
            Ok(_) => Ok(true),
            // The SDK repeats a write whose answer was lost; then this end is there already.
            Err(Some(found)) => Ok(found.get("owner") == Some(&item::text(&owner.to_string()))
                && found.get("state") == Some(&item::text(state))),
            Err(None) => Ok(false),
        }
    }

    async fn close(&self, id: RunId, state: RunState) -> Result<bool, DynamoError> {
        let update = self
            .update(id, item::RUN)
            .update_expression("SET #state = :state")
            .condition_expression("attribute_exists(pk) AND #state <> :state")
            .expression_attribute_values(":state", item::text(state.word()));
        Ok(conditional(repeating(|| update.clone().send()).await)?.is_ok())
    }

    async fn reopen(
        &self,
        id: RunId,
        steps: &[StepName],
        now: SystemTime,
    ) -> Result<bool, DynamoError> {
        if steps.is_empty() {
            return Ok(false);
        }
        let update = |sk: &str, to: &str| {
            Update::builder()
                .table_name(&self.table)
                .set_key(Some(item::key(id, sk)))
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":to", item::text(to))
        };
        let mut items = Vec::new();
        for step in steps {
            let reopened = update(&item::step_key(step), item::PENDING)
                .update_expression("SET #state = :to, answered = attempts REMOVE failure, ended")
                .condition_expression("#state = :failed")
                .expression_attribute_values(":failed", item::text(item::FAILED));
            items.push(TransactWriteItem::builder().update(reopened.build()?).build());
        }
        let run = update(item::RUN, RunState::Running.word())
            .update_expression("SET #state = :to, reopened = :now")
            // It may be deleted any time once it has expired.
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", item::millis(now));
        items.push(TransactWriteItem::builder().update(run.build()?).build());
        Ok(transact(&self.client, items).await? == Transacted::Done)
    }
}

/// A conditional write: done, or refused with what is there.
fn conditional<T>(
    result: Result<T, SdkError<UpdateItemError>>,
) -> Result<Result<T, Option<HashMap<String, AttributeValue>>>, DynamoError> {
    let error = match result {
        Ok(output) => return Ok(Ok(output)),
        Err(error) => error,
    };
    match error.as_service_error() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
            Ok(Err(failed.item().cloned()))
        }
        _ => Err(DynamoError::of("UpdateItem")(error)),
    }
}
