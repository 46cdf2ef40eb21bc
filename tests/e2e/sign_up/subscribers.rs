//! Who gets the newsletter.

use serde_json::{Value, json};
use subscriptions::Address;

use crate::aws::{self, table};

/// How the subscription of an address stands; nothing if there is none. It is found by a digest of
/// the address, because who has left is not named.
pub(super) fn state(address: &str) -> Option<String> {
    let address: Address = address.parse().unwrap();
    let key = json!({ "pk": { "S": format!("subscriber#{}", address.digest().as_str()) } });
    let input =
        json!({ "TableName": table("SubscribersTable"), "Key": key, "ConsistentRead": true });
    let found = aws::call("dynamodb", "DynamoDB_20120810.GetItem", &input);
    found["Item"]["state"]["S"].as_str().map(str::to_owned)
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
