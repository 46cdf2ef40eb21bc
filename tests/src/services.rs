//! The services that functions call: as much of DynamoDB and of the widget API as they need.
//!
//! They remember nothing: every write succeeds and every read finds the same widget. So each
//! invocation does the same work, however many there are.

use flate2::Crc;
use serde_json::{Value, json};

use crate::wire::{Request, Response};

const WIDGET_ID: &str = "0123456789abcdef0123456789abcdef";
const CREATED: &str = "2026-03-01T09:30:00.000Z";
/// A fixed date, so that answers are the same in every run.
const DATE: &str = "Sun, 01 Mar 2026 09:30:00 GMT";

/// DynamoDB. It takes any table and any condition.
#[must_use]
pub fn dynamodb(request: &Request) -> Response {
    let target = request.header("x-amz-target").unwrap_or_default();
    let body = match target.split('.').nth(1) {
        Some("PutItem" | "UpdateItem") => json!({}),
        Some("GetItem") => json!({ "Item": item() }),
        Some("DeleteItem") => json!({ "Attributes": item() }),
        Some("Scan") => scan(&request.body),
        _ => return dynamodb_answer(400, &json!({ "__type": "UnknownOperationException" })),
    };
    dynamodb_answer(200, &body)
}

fn scan(request: &[u8]) -> Value {
    let request: Value = serde_json::from_slice(request).unwrap_or_default();
    let count = request["Limit"].as_u64().unwrap_or(1);
    let items: Vec<Value> = (0..count).map(|_| item()).collect();
    json!({ "Items": items, "Count": count, "ScannedCount": count })
}

fn item() -> Value {
    json!({
        "id": { "S": WIDGET_ID },
        "name": { "S": "foo" },
        "color": { "S": "blue" },
        "created_at": { "S": CREATED },
    })
}

fn dynamodb_answer(status: u16, body: &Value) -> Response {
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

/// The widget API behind the decorator.
#[must_use]
pub fn widgets(request: &Request) -> Response {
    let (status, body) = match request.method.as_str() {
        "POST" => {
            let wanted: Value = serde_json::from_slice(&request.body).unwrap_or_default();
            (201, widget(&wanted["name"], &wanted["color"]))
        }
        "DELETE" => (204, Value::Null),
        _ if request.target.starts_with("/widgets/") => {
            (200, widget(&json!("foo"), &json!("blue")))
        }
        _ => (200, json!({ "items": [widget(&json!("foo"), &json!("blue"))] })),
    };
    let headers = vec![
        ("date", DATE.to_owned()),
        ("content-type", "application/json".to_owned()),
        ("connection", "keep-alive".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
        ("location", format!("/widgets/{WIDGET_ID}")),
        ("apigw-requestid", "JKJaXmPLvHcESHA=".to_owned()),
    ];
    let body = if status == 204 { Vec::new() } else { body.to_string().into_bytes() };
    Response { status, headers, body }
}

fn widget(name: &Value, color: &Value) -> Value {
    json!({ "id": WIDGET_ID, "name": name, "color": color, "createdAt": CREATED })
}
