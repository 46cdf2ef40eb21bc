//! Which actions a source needs, read off its calls of the SDK.

use std::path::{Path, PathBuf};

use crate::template::{files, read, root};

/// The calls that appear in a source, such as `put_item`, and the actions they need.
const CALLS: [(&str, &str); 15] = [
    ("put_item", "dynamodb:PutItem"),
    ("get_item", "dynamodb:GetItem"),
    ("update_item", "dynamodb:UpdateItem"),
    ("delete_item", "dynamodb:DeleteItem"),
    ("query", "dynamodb:Query"),
    ("scan", "dynamodb:Scan"),
    ("batch_get_item", "dynamodb:BatchGetItem"),
    ("batch_write_item", "dynamodb:BatchWriteItem"),
    ("send_message", "sqs:SendMessage"),
    ("send_message_batch", "sqs:SendMessage"),
    ("change_message_visibility", "sqs:ChangeMessageVisibility"),
    ("change_message_visibility_batch", "sqs:ChangeMessageVisibility"),
    ("publish", "sns:Publish"),
    ("publish_batch", "sns:Publish"),
    ("get_secret_value", "secretsmanager:GetSecretValue"),
];

/// A transaction needs the actions of its parts, wherever they are built.
const TRANSACTIONS: [&str; 2] = ["transact_write_items", "transact_get_items"];
const PARTS: [(&str, &str); 5] = [
    ("Put::builder()", "dynamodb:PutItem"),
    ("Update::builder()", "dynamodb:UpdateItem"),
    ("Delete::builder()", "dynamodb:DeleteItem"),
    ("ConditionCheck::builder()", "dynamodb:ConditionCheckItem"),
    ("Get::builder()", "dynamodb:GetItem"),
];

/// What clients of the SDK are called.
const CLIENTS: [&str; 5] = ["client.", "sdk.", "dynamodb.", "sqs.", "sns."];

/// The methods that say what a call works on.
const TARGETS: [&str; 6] = [
    ".table_name(",
    ".request_items(",
    ".queue_url(",
    ".secret_id(",
    ".topic_arn(",
    ".phone_number(",
];

/// An action, and the name of what it is done on, such as the `table` of `&self.table`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) action: &'static str,
    pub(crate) on: String,
}

/// What the sources of a folder need; those that do not name the SDK mean something else by a
/// client.
pub(crate) fn of_folder(folder: &Path) -> Vec<Use> {
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    let texts = files(folder).into_iter().filter(is_rust).map(read);
    texts.filter(|text| text.contains("aws_sdk_")).flat_map(|text| of_source(&text)).collect()
}

/// What a file or a folder of `common` needs.
pub(crate) fn of_common(place: &str) -> Vec<Use> {
    let path = root().join("functions/common/src").join(place);
    let uses = if path.is_dir() { of_folder(&path) } else { of_source(&read(&path)) };
    assert!(!uses.is_empty(), "functions/common/src/{place} calls nothing");
    uses
}

/// What a source needs.
fn of_source(source: &str) -> Vec<Use> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let compact: String = code.flat_map(str::split_whitespace).collect();
    let mut uses = Vec::new();
    for client in CLIENTS {
        for (at, _) in compact.match_indices(client) {
            let rest = &compact[at + client.len()..];
            let Some((name, arguments)) = rest.split_once("().") else { continue };
            let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name || name == "clone" || TRANSACTIONS.contains(&name) {
                continue;
            }
            let known = CALLS.iter().find(|(call, _)| *call == name);
            let (_, action) = known.unwrap_or_else(|| panic!("say in CALLS what {name}() needs"));
            let call = format!(".{}", arguments.split(".send()").next().unwrap());
            let on = targets(&call);
            assert!(!on.is_empty(), "say what {name}() works on before it is sent");
            uses.extend(on.into_iter().map(|on| Use { action, on }));
        }
    }
    for (part, action) in PARTS {
        for (at, _) in compact.match_indices(part) {
            let is_whole = !compact[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            let rest = &compact[at + part.len()..];
            if is_whole {
                let on = targets(rest.split(".build()").next().unwrap());
                uses.extend(on.into_iter().map(|on| Use { action, on }));
            }
        }
    }
    uses
}

/// The names of what a chain of calls works on: `table` of `.table_name(&self.table)`.
fn targets(chain: &str) -> Vec<String> {
    let mut names = Vec::new();
    for target in TARGETS {
        for (at, _) in chain.match_indices(target) {
            let rest = &chain[at + target.len()..];
            let argument = rest.split([',', ')']).next().unwrap();
            let argument = argument.split(".clone(").next().unwrap().split('(').next().unwrap();
            let argument = argument.trim_start_matches('&');
            names.push(argument.rsplit('.').next().unwrap().to_owned());
        }
    }
    names
}

#[test]
fn calls_are_read_with_what_they_work_on() {
    let source = "
        use aws_sdk_dynamodb::Client;
        // client.scan().send() is not called
        let read = self.client.get_item().table_name(&self.table).key(\"pk\", pk).send().await;
        let both = self.client.batch_get_item()
            .request_items(&self.users, keys).request_items(self.table.clone(), keys).send();
        let put = Put::builder().table_name(&self.table).set_item(Some(item)).build()?;
        self.client.transact_write_items().set_transact_items(Some(items)).send();
        let text = sns.publish().phone_number(phone.number()).message(text).send();
        client.clone().get(client.get(1));
        #[cfg(test)] client.new_call().send()";
    let found = of_source(source);
    let found: Vec<(&str, &str)> = found.iter().map(|u| (u.action, u.on.as_str())).collect();
    assert_eq!(
        found,
        [
            ("dynamodb:GetItem", "table"),
            ("dynamodb:BatchGetItem", "users"),
            ("dynamodb:BatchGetItem", "table"),
            ("sns:Publish", "number"),
            ("dynamodb:PutItem", "table"),
        ]
    );
    let unknown = || of_source("client.new_call().table_name(&t).send()");
    assert!(std::panic::catch_unwind(unknown).is_err());
    let without = || of_source("client.get_item().send()");
    assert!(std::panic::catch_unwind(without).is_err());
}
