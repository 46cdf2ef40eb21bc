//! Least privilege: a function may do what its code calls, on what it calls it on, and nothing
//! else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::calls::{self, Use};
use crate::queues::{queue_of, stream_of};
use crate::template::{Function, functions, resources, root, sources};

/// What a text message is sent to. A phone number has no ARN; a policy can only exclude what has.
const PHONES: &str = "phone numbers";

/// What mails are sent from: whatever identity of SES the configured address belongs to.
const MAIL: &str = "mail from MailFrom";

/// What a mapping of a queue does in the name of the function.
const POLLING: [&str; 3] = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/// What a mapping of a stream does in the name of the function.
const READING: [&str; 4] = [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
];

/// What is done with the journal of runs, by how the code says it.
const JOURNAL: [(&str, &[&str]); 5] = [
    ("Steps::new(", &["find", "claim", "end"]),
    ("Mover::new(", &["find", "close"]),
    ("journal.find(", &["find"]),
    ("journal.reopen(", &["reopen"]),
    ("journal.start(", &["start"]),
];

/// The resource that the adapters of a function mean, by the name of the field or variable that
/// the code hands to the SDK.
fn resource(binary: &str, name: &str) -> &'static str {
    match (binary, name) {
        ("widget-api", "table") => "WidgetsTable",
        ("login", "users" | "users_table") => "UsersTable",
        ("login" | "two-factor" | "runs", "table" | "sign_ins" | "sign_in_table") => "SignInTable",
        ("login", "queue" | "queue_url" | "url" | "codes_queue_url") => "CodesQueue",
        ("two-factor", "phone" | "number" | "to") => PHONES,
        ("advance", "arn") => "StepsTopic",
        ("advance", "table") | ("runs", "runs_table") => "RunsTable",
        ("create-user", "users_table") => "UsersTable",
        ("email-user" | "subscribe-user", "sender") => MAIL,
        ("subscribe-user" | "subscriptions", "table" | "subscribers_table") => "SubscribersTable",
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
    let source = sources(&folder);
    let mut own = calls::of_folder(&folder);
    if source.contains("SesMails::new(") {
        own.extend(calls::of_folder(&root().join("functions/pipeline/sign-up/mails/src")));
    }
    for Use { action, on, index } in own {
        let resource = resource(&function.binary, &on);
        match index {
            Some(index) => add(&format!("{resource}, index {index}"), action),
            None => add(resource, action),
        }
    }
    let common = [
        ("DynamoStore::new(", "idempotency/dynamodb.rs", Some("IdempotencyTable".to_owned())),
        ("secret(", "aws/secret.rs", secret_of(function)),
        ("SqsVisibility", "batch", queue_of(function)),
    ];
    for (mark, place, resource) in common {
        if !source.contains(mark) {
            continue;
        }
        let resource = resource.unwrap_or_else(|| panic!("{mark} is for nothing"));
        for Use { action, .. } in calls::of_common(place) {
            add(&resource, action);
        }
    }
    let compact: String = source.split_whitespace().collect();
    let with_journal = JOURNAL.iter().filter(|(mark, _)| compact.contains(mark));
    let methods: Vec<&str> = with_journal.flat_map(|(_, methods)| *methods).copied().collect();
    assert_eq!(
        compact.contains("DynamoJournal::new("),
        !methods.is_empty(),
        "say in JOURNAL what {} does with the journal",
        function.binary
    );
    if !methods.is_empty() {
        for Use { action, .. } in calls::of_methods("journal/dynamodb.rs", &methods) {
            add("RunsTable", action);
        }
    }
    if let Some(queue) = queue_of(function) {
        POLLING.iter().for_each(|action| add(&queue, action));
    }
    if let Some((table, destination)) = stream_of(function) {
        READING.iter().for_each(|action| add(&format!("{table}, stream"), action));
        add(&destination, "sqs:SendMessage");
    }
    called
}

/// The secret that a function is told of.
fn secret_of(function: &Function) -> Option<String> {
    let variables = function.properties["Environment"]["Variables"].as_object()?;
    let arns = variables.values().filter_map(|value| value["Fn::GetAtt"].as_str());
    arns.filter_map(|arn| arn.strip_suffix(".Id")).map(str::to_owned).next()
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
    if allowed["Action"][0] == "ses:SendEmail" {
        let from = &allowed["Condition"]["StringEquals"]["ses:FromAddress"];
        assert_eq!(from["Ref"], "MailFrom", "mails come from one address");
        return MAIL.to_owned();
    }
    if let Some(index) = allowed["Resource"]["Fn::Sub"].as_str() {
        let (table, index) = index.split_once(".Arn}/index/").expect("a policy names an index");
        return format!("{}, index {index}", table.trim_start_matches("${"));
    }
    if let Some(topic) = allowed["Resource"]["Ref"].as_str() {
        assert_eq!(resources()[topic]["Type"], "AWS::SNS::Topic", "only topics are named by Ref");
        return topic.to_owned();
    }
    let attribute = allowed["Resource"]["Fn::GetAtt"].as_str().unwrap_or_default();
    let (name, attribute) = attribute.split_once('.').expect("a policy names one resource");
    if attribute == "StreamArn" {
        return format!("{name}, stream");
    }
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
