//! Least privilege: a function may do what its code calls, on the tables it calls it on, and
//! nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::template::{Function, files, functions, read, root, sources};

/// The calls that appear in a source, such as `put_item`, and the actions they need.
const CALLS: [(&str, &str); 14] = [
    ("put_item", "dynamodb:PutItem"),
    ("get_item", "dynamodb:GetItem"),
    ("update_item", "dynamodb:UpdateItem"),
    ("delete_item", "dynamodb:DeleteItem"),
    ("query", "dynamodb:Query"),
    ("scan", "dynamodb:Scan"),
    ("batch_get_item", "dynamodb:BatchGetItem"),
    ("batch_write_item", "dynamodb:BatchWriteItem"),
    ("transact_get_items", "dynamodb:GetItem"),
    ("send_message", "sqs:SendMessage"),
    ("send_message_batch", "sqs:SendMessage"),
    ("change_message_visibility", "sqs:ChangeMessageVisibility"),
    ("publish", "sns:Publish"),
    ("publish_batch", "sns:Publish"),
];

/// A transaction needs the actions of its parts.
const TRANSACTION: &str = "transact_write_items";
const PARTS: [(&str, &str); 4] = [
    ("Put::builder()", "dynamodb:PutItem"),
    ("Update::builder()", "dynamodb:UpdateItem"),
    ("Delete::builder()", "dynamodb:DeleteItem"),
    ("ConditionCheck::builder()", "dynamodb:ConditionCheckItem"),
];

/// The actions that a source needs.
fn calls(source: &str) -> BTreeSet<String> {
    let compact: String = source.split_whitespace().collect();
    let mut actions = BTreeSet::new();
    for call in sdk_calls(&compact) {
        if call == TRANSACTION {
            let parts = PARTS.iter().filter(|(part, _)| compact.contains(part));
            actions.extend(parts.map(|(_, action)| (*action).to_owned()));
            continue;
        }
        let known = CALLS.iter().find(|(name, _)| *name == call);
        let (_, action) = known.unwrap_or_else(|| panic!("say in CALLS what {call}() needs"));
        actions.insert((*action).to_owned());
    }
    actions
}

/// What is called on a client of the SDK, by its name: `client.put_item().…`.
fn sdk_calls(compact: &str) -> BTreeSet<&str> {
    let rests = ["client.", "sdk."].into_iter().flat_map(|receiver| {
        compact.match_indices(receiver).map(move |(at, _)| &compact[at + receiver.len()..])
    });
    let called = rests.filter_map(|rest| {
        let (name, _) = rest.split_once("().")?;
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (is_name && name != "clone").then_some(name)
    });
    called.collect()
}

/// The sources of a folder that use the SDK; `client` means something else in the others.
fn sdk_sources(folder: &Path) -> String {
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    let texts = files(folder).into_iter().filter(is_rust).map(read);
    texts.filter(|text| text.contains("aws_sdk_")).collect()
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
    let own = calls(&sdk_sources(&function.folder.join("src")));
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
fn every_call_of_the_sdk_is_known() {
    assert!(!calls(&sdk_sources(&root().join("functions/common/src"))).is_empty());
    let found = sdk_calls(
        "self.client.put_item().send();sdk.new_call().x(client.clone().y(),client.get(1))",
    );
    assert_eq!(found, BTreeSet::from(["put_item", "new_call"]));
    assert!(std::panic::catch_unwind(|| calls("client.new_call().send()")).is_err());
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
