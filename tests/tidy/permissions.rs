//! Least privilege: a function may do what its code calls, on what it calls it on, and nothing
//! else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::calls::{self, Use};
use crate::queues::queue_of;
use crate::template::{Function, functions, resources, sources};

/// What a text message is sent to. A phone number has no ARN; a policy can only exclude what has.
const PHONES: &str = "phone numbers";

/// What a mapping of a queue does in the name of the function.
const POLLING: [&str; 3] = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/// The resource that the adapters of a function mean, by the name of the field or variable that
/// the code hands to the SDK.
fn resource(binary: &str, name: &str) -> &'static str {
    match (binary, name) {
        ("widget-api", "table") => "WidgetsTable",
        ("login", "users" | "users_table") => "UsersTable",
        ("login" | "two-factor", "table" | "sign_ins" | "sign_in_table") => "SignInTable",
        ("login", "queue" | "queue_url" | "url" | "codes_queue_url") => "CodesQueue",
        ("two-factor", "phone" | "number" | "to") => PHONES,
        (binary, name) => panic!("say here which resource of {binary} is called {name}"),
    }
}

type Actions = BTreeMap<String, BTreeSet<String>>;

/// What the code of a function calls, by the resource: its own adapters, and what `common` does
/// with the clients that its main hands out.
fn called(function: &Function) -> Actions {
    let mut called = Actions::new();
    let mut add = |resource: &str, action: &str| {
        called.entry(resource.to_owned()).or_default().insert(action.to_owned());
    };
    let folder = function.folder.join("src");
    for Use { action, on } in calls::of_folder(&folder) {
        add(resource(&function.binary, &on), action);
    }
    let source = sources(&folder);
    let common = [
        ("DynamoStore::new(", "idempotency/dynamodb.rs", Some("IdempotencyTable".to_owned())),
        ("secret(", "aws/secret.rs", Some("SignInKey".to_owned())),
        ("SqsVisibility", "batch", queue_of(function)),
    ];
    for (mark, place, resource) in common {
        if !source.contains(mark) {
            continue;
        }
        let resource = resource.expect("a function with a back-off reads a queue");
        for Use { action, .. } in calls::of_common(place) {
            add(&resource, action);
        }
    }
    if let Some(queue) = queue_of(function) {
        POLLING.iter().for_each(|action| add(&queue, action));
    }
    called
}

fn statements(function: &Function) -> Vec<Value> {
    let policies = function.properties["Policies"].as_array().cloned().unwrap_or_default();
    policies.iter().flat_map(|policy| policy["Statement"].as_array().unwrap().clone()).collect()
}

fn granted(function: &Function) -> Actions {
    let mut granted = Actions::new();
    let all = statements(function);
    for statement in all.iter().filter(|statement| statement["Effect"] == "Allow") {
        let actions = statement["Action"].as_array().unwrap().iter();
        let actions = actions.map(|action| action.as_str().unwrap().to_owned());
        granted.entry(target(statement, &all)).or_default().extend(actions);
    }
    granted
}

/// The one resource that a statement allows something on.
fn target(allowed: &Value, all: &[Value]) -> String {
    if allowed["Resource"] == "*" {
        let denies_topics = |other: &Value| {
            other["Effect"] == "Deny"
                && other["Action"] == allowed["Action"]
                && other["Resource"]["Fn::Sub"] == "arn:${AWS::Partition}:sns:*:*:*"
        };
        assert_eq!(allowed["Action"][0], "sns:Publish", "only texts are sent to what has no ARN");
        assert!(all.iter().any(denies_topics), "what may text may not publish to topics");
        return PHONES.to_owned();
    }
    let attribute = allowed["Resource"]["Fn::GetAtt"].as_str().unwrap_or_default();
    let (name, attribute) = attribute.split_once('.').expect("a policy names one resource");
    let kind = resources()[name]["Type"].clone();
    let arn = if kind == "AWS::SecretsManager::Secret" { "Id" } else { "Arn" };
    assert_eq!(attribute, arn, "{name} is named by its ARN");
    name.to_owned()
}

#[test]
fn a_function_may_do_what_it_does_and_nothing_else() {
    for function in functions() {
        assert_eq!(granted(&function), called(&function), "{}: granted = called", function.id);
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
