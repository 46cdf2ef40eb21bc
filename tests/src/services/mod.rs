//! The services that functions call: as much of each as they need.
//!
//! They remember nothing: every write succeeds and every read finds the same. So each invocation
//! does the same work, however many there are.

mod dynamodb;
mod messages;
mod runs;
mod secrets;
pub mod sign_ins;
mod widgets;

use std::str;

use serde_json::{Value, json};

pub use dynamodb::dynamodb;
pub use messages::{ses, sns, sqs, webhook};
pub use secrets::secrets_manager;
pub use widgets::widgets;

use crate::wire::{Request, Response};

/// A fixed date, so that answers are the same in every run.
const DATE: &str = "Sun, 01 Mar 2026 09:30:00 GMT";

/// What a request asks for: the operation of an AWS service, or else the method. A mail is asked
/// for by its path.
///
/// DynamoDB's price of a transaction and of a batch depends on how many items they have, so that
/// is said too: `TransactWriteItems(3)`.
#[must_use]
pub fn operation(request: &Request) -> String {
    let name = aws_operation(request).unwrap_or(match request.target.as_str() {
        messages::MAILS => "SendEmail",
        _ => &request.method,
    });
    let counted = match name {
        "TransactWriteItems" => "\"TableName\"",
        "BatchGetItem" => "\"pk\"",
        _ => return name.to_owned(),
    };
    let body = str::from_utf8(&request.body).unwrap_or_default();
    format!("{name}({})", body.matches(counted).count())
}

/// The operation in a header (the JSON protocols) or in a form (the query protocol).
fn aws_operation(request: &Request) -> Option<&str> {
    if let Some(target) = request.header("x-amz-target") {
        return target.rsplit('.').next();
    }
    let form = str::from_utf8(&request.body).ok()?;
    form.split('&').find_map(|field| field.strip_prefix("Action="))
}

/// An answer of a service that speaks JSON.
fn json_answer(content_type: &str, status: u16, body: &Value) -> Response {
    let headers = vec![
        ("date", DATE.to_owned()),
        ("content-type", content_type.to_owned()),
        ("connection", "keep-alive".to_owned()),
        ("x-amzn-requestid", "b25a3b5c-6f5a-5a5c-9d1e-3c1f6f0a7c11".to_owned()),
    ];
    Response { status, headers, body: body.to_string().into_bytes() }
}

fn unknown_operation() -> Value {
    json!({ "__type": "UnknownOperationException" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(head: &str, body: &str) -> String {
        let length = body.len();
        let text = format!("POST / HTTP/1.1\r\n{head}content-length: {length}\r\n\r\n{body}");
        operation(&Request::read(&mut text.as_bytes()).unwrap().unwrap())
    }

    #[test]
    fn operations_are_named_by_a_header_or_a_field() {
        assert_eq!(named("x-amz-target: AmazonSQS.SendMessage\r\n", "{}"), "SendMessage");
        assert_eq!(named("", "Version=2010-03-31&Action=Publish&Message=Hi"), "Publish");
        assert_eq!(named("", r#"{"name":"foo"}"#), "POST");
    }

    #[test]
    fn items_of_transactions_and_batches_are_counted() {
        let target = |name: &str| format!("x-amz-target: DynamoDB_20120810.{name}\r\n");
        let write = r#"{"Put":{"TableName":"t","Item":{"pk":{"S":"a"}}}}"#;
        let writes = format!(r#"{{"TransactItems":[{write},{write}]}}"#);
        assert_eq!(named(&target("TransactWriteItems"), &writes), "TransactWriteItems(2)");
        let keys = r#"{"RequestItems":{"t":{"Keys":[{"pk":{"S":"a"}},{"pk":{"S":"b"}}]}}}"#;
        assert_eq!(named(&target("BatchGetItem"), keys), "BatchGetItem(2)");
    }
}
