//! New subscribers, in DynamoDB. Mails: [`mails::SesMails`].

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use common::aws::DynamoError;
use common::aws::item::AttributeError;
use subscriptions::item::{from_subscriber, to_state};
use subscriptions::ports::Asks;
use subscriptions::{State, Subscriber};

/// Keeps new subscribers in the table of subscribers. One call each.
#[derive(Debug, Clone)]
pub struct DynamoAsks {
    client: Client,
    table: String,
}

impl DynamoAsks {
    /// Subscribers in the table of this name.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}

impl Asks for DynamoAsks {
    type Error = DynamoError;

    async fn ask(&self, subscriber: &Subscriber) -> Result<State, DynamoError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(from_subscriber(subscriber)))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = put.send().await else {
            return Ok(State::Pending);
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                Ok(to_state(failed.item().ok_or(AttributeError("pk"))?)?)
            }
            _ => Err(DynamoError::of("PutItem")(error)),
        }
    }
}
