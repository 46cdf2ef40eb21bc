//! Least privilege: a function may do what its code calls, on the tables it calls it on, and
//! nothing else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::template::{Function, functions, read, sources};

/// The calls that appear in a source, such as `put_item`, and the actions they need.
const CALLS: [(&str, &str); 9] = [
    ("put_item", "dynamodb:PutItem"),
    ("get_item", "dynamodb:GetItem"),
    ("update_item", "dynamodb:UpdateItem"),
    ("delete_item", "dynamodb:DeleteItem"),
    ("query", "dynamodb:Query"),
    ("scan", "dynamodb:Scan"),
    ("send_message", "sqs:SendMessage"),
    ("change_message_visibility", "sqs:ChangeMessageVisibility"),
    ("publish", "sns:Publish"),
];

fn calls(source: &str) -> BTreeSet<String> {
    let compact: String = source.split_whitespace().collect();
    let is_called = |(call, _): &&(&str, &str)| {
        compact.contains(&format!("client.{call}()")) || compact.contains(&format!("sdk.{call}()"))
    };
    CALLS.iter().filter(is_called).map(|(_, action)| (*action).to_owned()).collect()
}

/// What the code of a function calls, by the table or queue: its own adapters, and the stores of
/// `common` that its main hands a client to.
fn called(function: &Function) -> BTreeMap<&'static str, BTreeSet<String>> {
    let source = sources(&function.folder.join("src"));
    let mut called = BTreeMap::new();
    if source.contains("DynamoStore::new(") {
        let store = calls(&read("functions/common/src/idempotency/dynamodb.rs"));
        called.insert("IdempotencyTable", store);
    }
    let own = calls(&source);
    if !own.is_empty() {
        called.insert(own_resource(&function.binary), own);
    }
    called
}

/// The resource that the adapters of a function work on.
fn own_resource(binary: &str) -> &'static str {
    match binary {
        "widget-api" => "WidgetsTable",
        other => panic!("say here which resource the adapters of {other} work on"),
    }
}

fn granted(function: &Function) -> BTreeMap<String, BTreeSet<String>> {
    let mut granted: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let policies = function.properties["Policies"].as_array().cloned().unwrap_or_default();
    let statements = policies.iter().flat_map(|policy| policy["Statement"].as_array().unwrap());
    for statement in statements {
        let resource = &statement["Resource"]["Fn::GetAtt"];
        let resource = resource.as_str().and_then(|name| name.strip_suffix(".Arn"));
        let resource = resource.expect("a policy names one resource by its ARN");
        let actions = statement["Action"].as_array().unwrap().iter();
        let actions = actions.map(|action| action.as_str().unwrap().to_owned());
        granted.entry(resource.to_owned()).or_default().extend(actions);
    }
    granted
}

#[test]
fn a_function_may_do_what_it_does_and_nothing_else() {
    for function in functions() {
        let called: BTreeMap<String, BTreeSet<String>> =
            called(&function).into_iter().map(|(name, calls)| (name.to_owned(), calls)).collect();
        assert_eq!(granted(&function), called, "{}: granted = called", function.id);
    }
}

#[test]
fn no_action_is_a_pattern() {
    for function in functions() {
        for action in granted(&function).values().flatten() {
            assert!(!action.contains('*'), "{}: {action}", function.id);
        }
    }
}

#[test]
fn no_function_has_a_role_of_its_own_making() {
    for function in functions() {
        assert_eq!(function.properties["Role"], Value::Null, "{}", function.id);
    }
}
