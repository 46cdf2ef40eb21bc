//! Messages: SQS, which speaks JSON; SNS, which speaks forms and XML; SES, which has paths; and
//! webhooks.

use serde_json::{Value, json};

use super::{DATE, json_answer, unknown_operation};
use crate::wire::{Request, Response};

const JSON: &str = "application/x-amz-json-1.0";
/// Where mails are posted to.
pub(super) const MAILS: &str = "/v2/email/outbound-emails";
const MESSAGE_ID: &str = "059f36b4-87a3-44ab-83d2-661975830a7d";

/// SQS. It takes messages and gives none.
#[must_use]
pub fn sqs(request: &Request) -> Response {
    let target = request.header("x-amz-target").unwrap_or_default();
    let body = match target.split('.').nth(1) {
        Some("SendMessage") => json!({
            "MessageId": MESSAGE_ID,
            "MD5OfMessageBody": "00000000000000000000000000000000",
        }),
        Some("ChangeMessageVisibilityBatch") => changed(&request.body),
        _ => return json_answer(JSON, 400, &unknown_operation()),
    };
    json_answer(JSON, 200, &body)
}

fn changed(request: &[u8]) -> Value {
    let request: Value = serde_json::from_slice(request).unwrap_or_default();
    let entries = request["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ids: Vec<Value> = entries.iter().map(|entry| json!({ "Id": entry["Id"] })).collect();
    json!({ "Successful": ids, "Failed": [] })
}

/// SNS. It takes messages and sends none.
#[must_use]
pub fn sns(request: &Request) -> Response {
    let (action, result) = match super::operation(request).as_str() {
        "PublishBatch" => ("PublishBatch", "<Failed/><Successful/>".to_owned()),
        _ => ("Publish", format!("<MessageId>{MESSAGE_ID}</MessageId>")),
    };
    let body = format!(
        "<{action}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
         <{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId>{MESSAGE_ID}</RequestId></ResponseMetadata>\
         </{action}Response>"
    );
    let headers = vec![
        ("date", DATE.to_owned()),
        ("content-type", "text/xml".to_owned()),
        ("connection", "keep-alive".to_owned()),
        ("x-amzn-requestid", MESSAGE_ID.to_owned()),
    ];
    Response { status: 200, headers, body: body.into_bytes() }
}

/// SES. It takes mails and sends none.
#[must_use]
pub fn ses(request: &Request) -> Response {
    if request.target != MAILS {
        return json_answer("application/json", 404, &unknown_operation());
    }
    json_answer("application/json", 200, &json!({ "MessageId": MESSAGE_ID }))
}

/// Whoever wants to know of sign-ups.
#[must_use]
pub fn webhook(_: &Request) -> Response {
    json_answer("application/json", 200, &json!({ "received": true }))
}
