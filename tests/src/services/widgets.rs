//! The widget API behind the decorator.

use serde_json::{Value, json};

use super::DATE;
use crate::wire::{Request, Response};

const WIDGET_ID: &str = "0123456789abcdef0123456789abcdef";
const CREATED: &str = "2026-03-01T09:30:00.000Z";

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

/// A widget as it is stored.
pub(super) fn item() -> Value {
    json!({
        "id": { "S": WIDGET_ID },
        "name": { "S": "foo" },
        "color": { "S": "blue" },
        "created_at": { "S": CREATED },
    })
}
