//! What every function must have.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::template::{Function, files, functions, read, resources, root, sources};

#[test]
fn a_function_is_named_after_its_folder_and_crate() {
    for function in functions() {
        assert_eq!(function.folder.file_name().unwrap(), function.binary.as_str());
        let manifest = read(function.folder.join("Cargo.toml"));
        assert!(manifest.contains(&format!("name = \"{}\"", function.binary)));
    }
}

#[test]
fn every_function_crate_is_in_the_template() {
    let binaries: BTreeSet<String> = functions().into_iter().map(|f| f.binary).collect();
    for main in files(&root().join("functions")) {
        if main.ends_with("src/main.rs") {
            let folder = main.parent().unwrap().parent().unwrap();
            let name = folder.file_name().unwrap().to_str().unwrap();
            assert!(binaries.contains(name), "{name} is not in infra/template.yaml");
        }
    }
}

#[test]
fn every_function_has_a_readme_events_and_a_handler_test() {
    for Function { binary, folder, .. } in functions() {
        assert!(folder.join("README.md").is_file(), "{binary} has no README.md");
        assert!(folder.join("src/handler.rs").is_file(), "{binary} has no src/handler.rs");
        assert!(folder.join("tests").is_dir(), "{binary} has no tests");
        let events = files(&root().join("events").join(&binary));
        assert!(!events.is_empty(), "{binary} has no events");
    }
}

#[test]
fn every_event_is_read_by_a_test_of_its_function() {
    for Function { binary, folder, .. } in functions() {
        let tests = sources(&folder.join("tests"));
        for event in files(&root().join("events").join(&binary)) {
            let _: Value = serde_json::from_str(&read(&event)).unwrap();
            let name = event.file_stem().unwrap().to_str().unwrap();
            assert!(tests.contains(&format!("\"{name}\"")), "no test reads {}", event.display());
        }
    }
}

#[test]
fn main_only_wires() {
    for Function { binary, folder, .. } in functions() {
        let main = read(folder.join("src/main.rs"));
        let code = main.lines().filter(|line| {
            let line = line.trim();
            !line.is_empty() && !line.starts_with("//")
        });
        let count = code.count();
        assert!(count <= 30, "main.rs of {binary} has {count} lines of code");
    }
}

/// Names of variables that follow one of `openings` in a text, up to the closing quote.
fn names_after(text: &str, openings: &[&str]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for opening in openings {
        for (at, _) in text.match_indices(opening) {
            let rest = &text[at + opening.len()..];
            names.insert(rest[..rest.find('"').unwrap()].to_owned());
        }
    }
    // Bodies have members that are required or optional, too.
    names.retain(|name| !name.contains(|c: char| c.is_ascii_lowercase()));
    names
}

#[test]
fn variables_that_are_read_are_the_ones_that_are_declared() {
    for Function { binary, folder, properties, .. } in functions() {
        let mut read_names = names_after(
            &sources(&folder.join("src")),
            &["required(\"", "optional(\"", "bounded(\"", "environment(\""],
        );
        let routes = folder.join("routes.json");
        if routes.is_file() {
            read_names.extend(names_after(&read(routes), &["\"env\": \""]));
        }
        // Lambda itself sets these.
        read_names.retain(|name| !name.starts_with("AWS_"));
        let declared = properties["Environment"]["Variables"].as_object();
        let declared: BTreeSet<String> =
            declared.map(|all| all.keys().cloned().collect()).unwrap_or_default();
        assert_eq!(read_names, declared, "variables of {binary}: read = declared");
    }
}

#[test]
fn every_function_has_alarms_for_errors_and_throttles() {
    let resources = resources();
    for Function { id, .. } in functions() {
        for metric in ["Errors", "Throttles"] {
            let watches = |resource: &Value| {
                let alarm = &resource["Properties"];
                resource["Type"] == "AWS::CloudWatch::Alarm"
                    && alarm["MetricName"] == metric
                    && alarm["Dimensions"][0]["Value"]["Ref"] == id.as_str()
                    && alarm["AlarmActions"][0]["Ref"] == "AlarmTopic"
            };
            assert!(resources.values().any(watches), "no alarm watches {metric} of {id}");
        }
    }
}

#[test]
fn alarms_watch_metrics_that_the_code_writes() {
    let functions = functions();
    for (id, resource) in resources() {
        let alarm = &resource["Properties"];
        if alarm["Namespace"] != "faas-patterns" {
            continue;
        }
        let watched = &alarm["Dimensions"][0];
        assert_eq!(watched["Name"], "function", "{id}");
        let function = functions.iter().find(|f| watched["Value"]["Ref"] == f.id.as_str());
        let source = sources(&function.unwrap().folder.join("src"));
        let metric = alarm["MetricName"].as_str().unwrap();
        assert!(source.contains(&format!("\"{metric}\"")), "{id}: nobody writes {metric}");
        assert!(source.contains("Metrics::new(\"faas-patterns\")"), "{id}: another namespace");
    }
}

#[test]
fn every_function_logs_to_a_group_that_forgets() {
    let resources = resources();
    for Function { id, properties, .. } in functions() {
        let group = properties["LoggingConfig"]["LogGroup"]["Ref"].as_str().unwrap();
        assert!(resources[group]["Properties"]["RetentionInDays"]["Ref"].is_string(), "{id}");
        assert_eq!(properties["LoggingConfig"]["LogFormat"], "JSON", "{id}");
    }
}

#[test]
fn every_table_can_be_restored() {
    for (id, resource) in resources() {
        if resource["Type"] != "AWS::DynamoDB::Table" {
            continue;
        }
        let table = &resource["Properties"];
        let recovery = &table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"];
        assert_eq!(*recovery, true, "{id}");
        assert_eq!(table["BillingMode"], "PAY_PER_REQUEST", "{id}");
    }
}

#[test]
fn every_table_that_forgets_does_so_by_the_attribute_the_code_writes() {
    let writers = BTreeMap::from([
        (
            "IdempotencyTable",
            ("functions/common/src/idempotency/dynamodb.rs", "(\"expires\".to_owned(), number("),
        ),
        ("SignInTable", ("functions/event-handler/sign-in/src/item.rs", "\"expires\"")),
        ("RunsTable", ("functions/common/src/journal/item.rs", "\"expires\"")),
    ]);
    let expiry = |table: &Value| table["Properties"]["TimeToLiveSpecification"].clone();
    let forgetful: BTreeMap<String, Value> = resources()
        .into_iter()
        .map(|(id, resource)| (id, expiry(&resource)))
        .filter(|(_, expiry)| !expiry.is_null())
        .collect();
    assert!(forgetful.keys().eq(writers.keys()), "say here which code writes the attribute");
    for (id, expiry) in forgetful {
        let (file, write) = writers[id.as_str()];
        assert_eq!(expiry["Enabled"], true, "{id}");
        assert!(write.contains(&format!("\"{}\"", expiry["AttributeName"].as_str().unwrap())));
        assert!(read(file).contains(write), "{file} writes no expiry of {id}");
    }
}
