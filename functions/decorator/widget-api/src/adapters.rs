//! Widgets in DynamoDB.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};

use crate::handler::Widgets;
use crate::page::{Listed, PageRequest};
use crate::widget::{Widget, WidgetId};

type Item = HashMap<String, AttributeValue>;

/// Keeps widgets in a table with the partition key `id`. One call per operation.
#[derive(Debug, Clone)]
pub struct DynamoWidgets {
    client: Client,
    table: String,
}

/// What the store fails with: for the log, never for the client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WidgetsError {
    /// A call failed.
    #[error("{operation} failed")]
    Call {
        /// Which call.
        operation: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An item lacks an attribute.
    #[error("a stored widget has no valid attribute {0}")]
    Attribute(&'static str),
}

impl DynamoWidgets {
    /// Keeps widgets in the table of that name.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }
}

impl Widgets for DynamoWidgets {
    type Error = WidgetsError;

    async fn insert(&self, widget: Widget) -> Result<Widget, WidgetsError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(to_item(&widget)))
            .condition_expression("attribute_not_exists(id)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let Err(error) = put.send().await else {
            return Ok(widget);
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                from_item(failed.item().ok_or(WidgetsError::Attribute("id"))?)
            }
            _ => Err(call("PutItem")(error)),
        }
    }

    async fn get(&self, id: &WidgetId) -> Result<Option<Widget>, WidgetsError> {
        let get = self.client.get_item().table_name(&self.table).key("id", text(&id.to_string()));
        // Whoever was told of a widget must find it, so reads are consistent.
        let found = get.consistent_read(true).send().await.map_err(call("GetItem"))?;
        found.item().map(from_item).transpose()
    }

    async fn list(&self, page: &PageRequest) -> Result<Listed, WidgetsError> {
        let after = page.after;
        let scan = self
            .client
            .scan()
            .table_name(&self.table)
            .limit(page.limit.into())
            .set_exclusive_start_key(
                after.map(|id| HashMap::from([("id".to_owned(), text(&id.to_string()))])),
            );
        let found = scan.send().await.map_err(call("Scan"))?;
        let items = found.items().iter().map(from_item).collect::<Result<_, _>>()?;
        let last = found.last_evaluated_key().map(read_id).transpose()?;
        Ok(Listed { items, last })
    }

    async fn delete(&self, id: &WidgetId) -> Result<bool, WidgetsError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("id", text(&id.to_string()))
            .return_values(ReturnValue::AllOld);
        let deleted = delete.send().await.map_err(call("DeleteItem"))?;
        Ok(deleted.attributes().is_some())
    }
}

fn call<E>(operation: &'static str) -> impl Fn(SdkError<E>) -> WidgetsError
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |error| WidgetsError::Call { operation, source: Box::new(error) }
}

fn read_id(item: &Item) -> Result<WidgetId, WidgetsError> {
    match item.get("id") {
        Some(AttributeValue::S(id)) => id.parse().map_err(|_| WidgetsError::Attribute("id")),
        _ => Err(WidgetsError::Attribute("id")),
    }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn to_item(widget: &Widget) -> Item {
    HashMap::from([
        ("id".to_owned(), text(&widget.id.to_string())),
        ("name".to_owned(), text(&widget.name)),
        ("color".to_owned(), text(&widget.color)),
        ("created_at".to_owned(), text(&widget.created_at)),
    ])
}

fn from_item(item: &Item) -> Result<Widget, WidgetsError> {
    let text = |name: &'static str| match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text.clone()),
        _ => Err(WidgetsError::Attribute(name)),
    };
    Ok(Widget {
        id: read_id(item)?,
        name: text("name")?,
        color: text("color")?,
        created_at: text("created_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::idempotency::EffectId;

    #[test]
    fn widgets_read_as_they_were_written() {
        let widget = Widget {
            id: EffectId::from_bits(7).into(),
            name: "föö".into(),
            color: "blue".into(),
            created_at: "2026-03-01T09:30:00.000Z".into(),
        };
        assert_eq!(from_item(&to_item(&widget)).unwrap(), widget);
    }

    #[test]
    fn an_item_of_another_shape_is_refused_by_name() {
        let error = from_item(&Item::from([("id".to_owned(), text("7"))])).unwrap_err();
        assert_eq!(error.to_string(), "a stored widget has no valid attribute id");
    }
}
