//! Functions need no more instructions than they did.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tests::callgrind::{self, Instructions};
use tests::files::root;
use tests::stage::Stage;

use crate::built::{alone, event, program, stage};

/// How far a count may be from the recorded one.
const TOLERANCE: f64 = 0.05;
/// Invocations that a warm one is the mean of.
const WARM: u64 = 50;
/// The same where a password is checked, which takes seconds under valgrind.
const WARM_PASSWORD: u64 = 2;
/// A busy machine may keep a connection from being opened in time, which looks like a fault.
const TRIES: usize = 3;
/// Set to write down the counts instead of comparing them.
const RECORD: &str = "RECORD_INSTRUCTIONS";

const CASES: [(&str, &str, u64); 17] = [
    ("hello-runtime", "add-defaults/http-empty-object", WARM),
    ("hello-http", "add-defaults/http-empty-object", WARM),
    ("add-defaults", "add-defaults/http-empty-object", WARM),
    ("add-defaults", "add-defaults/http-list", WARM),
    ("widget-api", "widget-api/http-create", WARM),
    ("widget-api", "widget-api/http-create-idempotent", WARM),
    ("widget-api", "widget-api/http-get", WARM),
    ("login", "login/http-page", WARM),
    ("login", "login/http-sign-in", WARM_PASSWORD),
    ("login", "login/http-code", WARM),
    ("login", "login/http-me", WARM),
    ("two-factor", "two-factor/sqs-code-requested", WARM),
    ("email-user", "email-user/sqs-step-ready", WARM),
    ("advance", "advance/stream-step-ended", WARM),
    ("runs", "runs/http-run", WARM),
    ("runs", "runs/http-run-page", WARM),
    ("subscriptions", "subscriptions/http-style", WARM),
];

#[test]
fn functions_need_the_recorded_number_of_instructions() {
    let _alone = alone();
    callgrind::require_valgrind().unwrap();
    let stage = stage("instructions").unwrap();
    if env::var_os(RECORD).is_some() {
        return record(&CASES.map(|case| (key(case), to_json(count(&stage, case)))).into());
    }
    let recorded = read();
    let mut faults = Vec::new();
    for case in CASES {
        let key = key(case);
        let Some(expected) = recorded["counts"].get(&key) else {
            faults.push(format!("{key}: nothing is recorded"));
            continue;
        };
        let mut differences = Vec::new();
        for _ in 0..TRIES {
            differences = compare(expected, &to_json(count(&stage, case)));
            if differences.is_empty() {
                break;
            }
        }
        faults.extend(differences.iter().map(|difference| format!("{key}: {difference}")));
    }
    assert!(
        faults.is_empty(),
        "instructions differ by more than {:.0} % from those of {}:\n  {}\n\
         If that is meant to be, or better than before, or `hello` differs too (another compiler \
         or machine), record them anew:\n  {RECORD}=1 cargo test --package tests --test guards \
         instructions",
        TOLERANCE * 100.0,
        recorded["with"],
        faults.join("\n  ")
    );
}

fn key((function, event, _): (&str, &str, u64)) -> String {
    let case = event.split('/').next_back().unwrap_or(event);
    format!("{function} {case}")
}

fn count(stage: &Stage, (function, name, warm): (&str, &str, u64)) -> Instructions {
    let launch = stage.launch(program(function));
    callgrind::count(&launch, &event(name), warm, stage.folder()).unwrap()
}

fn to_json(counts: Instructions) -> Value {
    json!({ "init": counts.init, "first": counts.first, "warm": counts.warm })
}

/// What is outside the tolerance, in words.
fn compare(expected: &Value, counted: &Value) -> Vec<String> {
    ["init", "first", "warm"]
        .into_iter()
        .filter_map(|part| {
            let (expected, counted) = (expected[part].as_f64()?, counted[part].as_f64()?);
            let change = counted / expected - 1.0;
            (change.abs() > TOLERANCE).then(|| {
                format!("{part} {counted} instead of {expected} ({:+.1} %)", change * 100.0)
            })
        })
        .collect()
}

fn file() -> PathBuf {
    root().join("tests/guards/instructions.json")
}

fn read() -> Value {
    serde_json::from_slice(&fs::read(file()).unwrap()).unwrap()
}

fn record(counts: &BTreeMap<String, Value>) {
    let version = |program: &str| {
        let output = Command::new(program).arg("--version").output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let with = [env::consts::ARCH.to_owned(), version("rustc"), version("valgrind")].join(", ");
    let text = serde_json::to_string_pretty(&json!({ "with": with, "counts": counts })).unwrap();
    fs::write(file(), text + "\n").unwrap();
}

#[test]
fn a_count_outside_the_tolerance_is_named() {
    let counts = |init: u64| json!({ "init": init, "first": 100, "warm": 100 });
    assert!(compare(&counts(100), &counts(104)).is_empty());
    assert_eq!(compare(&counts(100), &counts(106)), ["init 106 instead of 100 (+6.0 %)"]);
    assert_eq!(compare(&counts(100), &counts(90)), ["init 90 instead of 100 (-10.0 %)"]);
}
