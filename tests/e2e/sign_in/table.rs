//! The stored items. Changing their times is how a test travels through time.

use serde_json::{Value, json};

use crate::aws::{self, table};

pub(super) fn put_user(item: &Value) {
    let input = json!({ "TableName": table("UsersTable"), "Item": item });
    aws::call("dynamodb", "DynamoDB_20120810.PutItem", &input);
}

/// The stored challenge; null if there is none.
pub(super) fn challenge(id: &str) -> Value {
    let key = json!({ "pk": { "S": format!("challenge#{id}") } });
    let input = json!({ "TableName": table("SignInTable"), "Key": key, "ConsistentRead": true });
    aws::call("dynamodb", "DynamoDB_20120810.GetItem", &input)["Item"].clone()
}

/// Makes it so late that the time in this attribute of the challenge has passed.
pub(super) fn let_pass(id: &str, attribute: &str) {
    set_to_past(&format!("challenge#{id}"), attribute);
}

/// Makes it so late that the sessions of the user are over. DynamoDB deletes them days later.
pub(super) fn let_sessions_pass(username: &str) {
    let input = json!({
        "TableName": table("SignInTable"),
        "FilterExpression": "username = :user AND begins_with(pk, :session)",
        "ExpressionAttributeValues": { ":user": { "S": username }, ":session": { "S": "session#" } },
    });
    let found = aws::call("dynamodb", "DynamoDB_20120810.Scan", &input);
    let items = found["Items"].as_array().unwrap();
    assert!(!items.is_empty(), "the user has no session");
    for item in items {
        set_to_past(item["pk"]["S"].as_str().unwrap(), "expires");
    }
}

fn set_to_past(key: &str, attribute: &str) {
    let input = json!({
        "TableName": table("SignInTable"),
        "Key": { "pk": { "S": key } },
        "UpdateExpression": "SET #time = :past",
        "ConditionExpression": "attribute_exists(#time)",
        "ExpressionAttributeNames": { "#time": attribute },
        "ExpressionAttributeValues": { ":past": { "N": "1000000000" } },
    });
    aws::call("dynamodb", "DynamoDB_20120810.UpdateItem", &input);
}
