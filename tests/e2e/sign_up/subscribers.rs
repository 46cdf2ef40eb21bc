//! Who gets the newsletter.

use serde_json::{Value, json};

use crate::aws::{self, table};

/// How the subscription of an address stands; nothing if there is none.
pub(super) fn state(address: &str) -> Option<String> {
    let input = json!({
        "TableName": table("SubscribersTable"),
        "FilterExpression": "email = :address",
        "ExpressionAttributeValues": { ":address": { "S": address } },
    });
    let found = aws::call("dynamodb", "DynamoDB_20120810.Scan", &input);
    let items = found["Items"].as_array().unwrap();
    assert!(items.len() <= 1, "{items:?}");
    items.first().map(|item| item["state"]["S"].as_str().unwrap().to_owned())
}

/// The value of a secret of the stack, found by its description.
pub(super) fn secret(description: &str) -> String {
    let listed = aws::call("secretsmanager", "secretsmanager.ListSecrets", &json!({}));
    let secrets = listed["SecretList"].as_array().unwrap();
    let found = secrets.iter().find(|secret| secret["Description"] == description);
    let arn = found.unwrap_or_else(|| panic!("no secret: {description}"))["ARN"].clone();
    let wanted = json!({ "SecretId": arn });
    let value: Value = aws::call("secretsmanager", "secretsmanager.GetSecretValue", &wanted);
    value["SecretString"].as_str().unwrap().to_owned()
}
