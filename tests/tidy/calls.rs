//! Which actions a source needs, read off its calls of the SDK.

use std::path::{Path, PathBuf};

use crate::template::{files, read, root};

/// The calls that appear in a source, such as `put_item`, and the actions they need.
const CALLS: [(&str, &str); 16] = [
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
    ("send_email", "ses:SendEmail"),
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
const CLIENTS: [&str; 6] = ["client.", "sdk.", "dynamodb.", "sqs.", "sns.", "ses."];

/// The methods that say what a call works on.
const TARGETS: [&str; 7] = [
    ".table_name(",
    ".request_items(",
    ".queue_url(",
    ".secret_id(",
    ".topic_arn(",
    ".phone_number(",
    ".from_email_address(",
];

/// An action, and the name of what it is done on, such as the `table` of `&self.table`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) action: &'static str,
    pub(crate) on: String,
    /// The index of the table that is read in its place.
    pub(crate) index: Option<String>,
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

/// What some methods of a file of `common` need, and the methods of its own that they call.
pub(crate) fn of_methods(place: &str, names: &[&str]) -> Vec<Use> {
    let source = read(root().join("functions/common/src").join(place));
    let source = source.split("#[cfg(test)]").next().unwrap();
    let mut uses = Vec::new();
    for name in names {
        let text = method(source, name).unwrap_or_else(|| panic!("{place} has no method {name}"));
        uses.extend(of_source(text));
        let compact: String = text.split_whitespace().collect();
        for called in compact.split("self.").skip(1).filter_map(|rest| rest.split_once('(')) {
            uses.extend(method(source, called.0).into_iter().flat_map(of_source));
        }
    }
    assert!(!uses.is_empty(), "{names:?} of {place} call nothing");
    uses
}

/// A method with its body.
fn method<'a>(source: &'a str, name: &str) -> Option<&'a str> {
    let (_, from) = source.split_once(&format!("fn {name}("))?;
    from.split_once("\n    }\n").map(|(body, _)| body)
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
            let index = index(&call, source);
            uses.extend(on.into_iter().map(|on| Use { action, on, index: index.clone() }));
        }
    }
    for (part, action) in PARTS {
        for (at, _) in compact.match_indices(part) {
            let is_whole = !compact[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            let rest = &compact[at + part.len()..];
            if is_whole {
                let on = targets(rest.split(".build()").next().unwrap());
                uses.extend(on.into_iter().map(|on| Use { action, on, index: None }));
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
            let argument = argument.split(".clone(").next().unwrap();
            let argument = argument.split(".as_str(").next().unwrap();
            let argument = argument.split('(').next().unwrap();
            let argument = argument.trim_start_matches('&');
            names.push(argument.rsplit('.').next().unwrap().to_owned());
        }
    }
    names
}

/// The index that a chain of calls reads: a text, or a constant of the source.
fn index(chain: &str, source: &str) -> Option<String> {
    let (_, rest) = chain.split_once(".index_name(")?;
    let argument = rest.split(')').next()?;
    let quoted = |text: &str| text.split('"').nth(1).map(str::to_owned);
    if argument.starts_with('"') {
        return quoted(argument);
    }
    let constant = source.split_once(&format!("const {argument}: &str ="));
    let (_, value) = constant.unwrap_or_else(|| panic!("say in a constant what {argument} is"));
    quoted(value)
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
        const BY_STATE: &str = \"by-state\";
        let page = self.client.query().table_name(&self.runs).index_name(BY_STATE).send();
        client.clone().get(client.get(1));
        #[cfg(test)] client.new_call().send()";
    let found = of_source(source);
    let index = found.iter().find_map(|u| Some((u.on.as_str(), u.index.as_deref()?)));
    assert_eq!(index, Some(("runs", "by-state")));
    let found: Vec<(&str, &str)> = found.iter().map(|u| (u.action, u.on.as_str())).collect();
    assert_eq!(
        found,
        [
            ("dynamodb:GetItem", "table"),
            ("dynamodb:BatchGetItem", "users"),
            ("dynamodb:BatchGetItem", "table"),
            ("dynamodb:Query", "runs"),
            ("sns:Publish", "number"),
            ("dynamodb:PutItem", "table"),
        ]
    );
    let unknown = || of_source("client.new_call().table_name(&t).send()");
    assert!(std::panic::catch_unwind(unknown).is_err());
    let without = || of_source("client.get_item().send()");
    assert!(std::panic::catch_unwind(without).is_err());
}

#[test]
fn a_method_needs_what_the_methods_it_calls_need() {
    let needs = |method: &str| {
        let uses = of_methods("journal/dynamodb.rs", &[method]);
        uses.into_iter().map(|found| found.action).collect::<Vec<_>>()
    };
    assert_eq!(needs("find"), ["dynamodb:Query"]);
    assert_eq!(needs("claim"), ["dynamodb:UpdateItem"]);
    assert_eq!(needs("start"), ["dynamodb:PutItem"]);
    assert!(std::panic::catch_unwind(|| of_methods("journal/dynamodb.rs", &["lose"])).is_err());
}
