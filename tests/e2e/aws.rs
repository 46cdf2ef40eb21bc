//! Calls to the AWS services the stack runs on.

use serde_json::{Value, json};

use crate::api::{send_to, variable};

/// The local AWS takes any signature, but wants to see one to know the service and the caller.
pub(crate) fn signed(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    )
}

/// An operation of a service that speaks JSON, such as `dynamodb` and `DynamoDB_20120810.GetItem`.
pub(crate) fn call(service: &str, operation: &str, input: &Value) -> Value {
    let authorization = signed(service);
    let headers = [
        ("x-amz-target", operation),
        ("content-type", "application/x-amz-json-1.0"),
        ("authorization", authorization.as_str()),
    ];
    let answer = send_to("POST", &variable("AWS_ENDPOINT_URL"), &headers, &input.to_string());
    assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
    if answer.text.is_empty() { Value::Null } else { answer.json() }
}

/// What Lambda knows of a function, which is found by its package.
pub(crate) fn function(package: &str) -> Value {
    let url = format!("{}/2015-03-31/functions", variable("AWS_ENDPOINT_URL"));
    let listed = send_to("GET", &url, &[("authorization", &signed("lambda"))], "").json();
    let functions = listed["Functions"].as_array().unwrap().clone();
    let is_wanted =
        |f: &Value| f["LoggingConfig"]["LogGroup"].as_str().is_some_and(|g| g.ends_with(package));
    functions.into_iter().find(is_wanted).unwrap_or_else(|| panic!("no function {package}"))
}

/// Where a function logs.
pub(crate) fn log_group(package: &str) -> String {
    function(package)["LoggingConfig"]["LogGroup"].as_str().unwrap().to_owned()
}

/// Everything that was logged there.
pub(crate) fn log_lines(group: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut query = json!({ "logGroupName": group });
    loop {
        let page = call("logs", "Logs_20140328.FilterLogEvents", &query);
        let events = page["events"].as_array().unwrap();
        lines.extend(events.iter().map(|event| event["message"].as_str().unwrap().to_owned()));
        if page["nextToken"].is_null() {
            return lines;
        }
        query["nextToken"] = page["nextToken"].clone();
    }
}

/// The name of a table of the stack, found by a part of it.
pub(crate) fn table(part: &str) -> String {
    let listed = call("dynamodb", "DynamoDB_20120810.ListTables", &json!({}));
    let names = listed["TableNames"].as_array().unwrap();
    let found = names.iter().filter_map(Value::as_str).find(|name| name.contains(part));
    found.unwrap_or_else(|| panic!("the stack has no table {part}")).to_owned()
}
