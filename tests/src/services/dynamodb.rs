//! DynamoDB. It takes any table and any condition.

use flate2::Crc;
use serde_json::{Map, Value, json};

use super::{DATE, runs, sign_ins, unknown_operation, widgets};
use crate::wire::{Request, Response};

/// Answers a call.
#[must_use]
pub fn dynamodb(request: &Request) -> Response {
    let target = request.header("x-amz-target").unwrap_or_default();
    let asked = || serde_json::from_slice::<Value>(&request.body).unwrap_or_default();
    let body = match target.split('.').nth(1) {
        Some("PutItem" | "TransactWriteItems") => json!({}),
        Some("UpdateItem") => updated(&asked()),
        Some("GetItem") => match stored(&asked()["Key"]) {
            Some(item) => json!({ "Item": item }),
            None => json!({}),
        },
        Some("BatchGetItem") => batch(&asked()),
        Some("DeleteItem") => deleted(&asked()),
        Some("Query") => query(&asked()),
        Some("Scan") => scan(&asked()),
        _ => return answer(400, &unknown_operation()),
    };
    answer(200, &body)
}

/// What is stored under a key: of the sign-in, or else a widget.
fn stored(key: &Value) -> Option<Value> {
    match key["pk"]["S"].as_str() {
        Some(pk) => sign_ins::stored(pk),
        None => Some(widgets::item()),
    }
}

/// Only a guess and a claim ask for what is there after an update.
fn updated(request: &Value) -> Value {
    if request["ReturnValues"] != "ALL_NEW" {
        return json!({});
    }
    let pk = request["Key"]["pk"]["S"].as_str().unwrap_or_default();
    let attributes = match request["Key"]["sk"]["S"].as_str() {
        Some(sk) => runs::claimed(pk, sk),
        None => sign_ins::guessed_challenge(pk),
    };
    json!({ "Attributes": attributes })
}

/// Only runs are asked for by their keys.
fn query(request: &Value) -> Value {
    let pk = request["ExpressionAttributeValues"][":pk"]["S"].as_str().unwrap_or_default();
    let items = runs::items(pk);
    json!({ "Count": items.len(), "ScannedCount": items.len(), "Items": items })
}

/// Only whoever deletes a widget asks for what was there.
fn deleted(request: &Value) -> Value {
    if request["ReturnValues"] == "ALL_OLD" {
        json!({ "Attributes": widgets::item() })
    } else {
        json!({})
    }
}

fn batch(request: &Value) -> Value {
    let mut responses = Map::new();
    for (table, wanted) in request["RequestItems"].as_object().into_iter().flatten() {
        let keys = wanted["Keys"].as_array().map(Vec::as_slice).unwrap_or_default();
        responses.insert(table.clone(), keys.iter().filter_map(stored).collect());
    }
    json!({ "Responses": responses, "UnprocessedKeys": {} })
}

fn scan(request: &Value) -> Value {
    let count = request["Limit"].as_u64().unwrap_or(1);
    let items: Vec<Value> = (0..count).map(|_| widgets::item()).collect();
    json!({ "Items": items, "Count": count, "ScannedCount": count })
}

fn answer(status: u16, body: &Value) -> Response {
    let body = body.to_string().into_bytes();
    let mut crc = Crc::new();
    crc.update(&body);
    let headers = vec![
        ("server", "Server".to_owned()),
        ("date", DATE.to_owned()),
        ("content-type", "application/x-amz-json-1.0".to_owned()),
        ("connection", "keep-alive".to_owned()),
        ("x-amzn-requestid", "B7Q3A1N5MTV0C9K4HPR8X2D6EJVV4KQNSO5AEMVJF66Q9ASUAAJG".to_owned()),
        ("x-amz-crc32", crc.sum().to_string()),
    ];
    Response { status, headers, body }
}
