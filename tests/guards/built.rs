//! The programs that are guarded, built once for all guards.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use tests::files::root;
use tests::stage::Stage;
use tests::{cargo, files};

/// The functions, by package.
pub(crate) const FUNCTIONS: [&str; 11] = [
    "add-defaults",
    "widget-api",
    "login",
    "two-factor",
    "create-user",
    "email-user",
    "subscribe-user",
    "subscriptions",
    "call-webhook",
    "advance",
    "runs",
];
/// Functions that do nothing: what changes them too, is not our code.
pub(crate) const BARE: [&str; 2] = ["hello-runtime", "hello-http"];

static BUILT: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(|| build().unwrap());
static MEASURING: Mutex<()> = Mutex::new(());

fn build() -> Result<BTreeMap<String, PathBuf>> {
    let mut built = BTreeMap::new();
    for package in FUNCTIONS {
        built.insert(package.to_owned(), cargo::function(package)?);
    }
    for name in BARE {
        for program in cargo::release("bench-peers", &["--bin", name])? {
            built.insert(program.name, program.path);
        }
    }
    Ok(built)
}

/// The program of a function.
pub(crate) fn program(name: &str) -> &'static Path {
    BUILT.get(name).map(PathBuf::as_path).unwrap()
}

/// An event by name.
pub(crate) fn event(name: &str) -> Vec<u8> {
    files::event(name).unwrap()
}

/// A batch of ten messages like the first of an event, each with a name of its own.
pub(crate) fn ten_of(name: &str) -> Vec<u8> {
    let batch: Value = serde_json::from_slice(&event(name)).unwrap();
    let named = |index: usize| {
        let mut record = batch["Records"][0].clone();
        record["messageId"] = json!(format!("message-{index}"));
        record
    };
    json!({ "Records": (0..10).map(named).collect::<Vec<_>>() }).to_string().into_bytes()
}

/// The machine for oneself: what is opened during the start has little time for it.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    LazyLock::force(&BUILT);
    MEASURING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The services that functions call.
pub(crate) fn stage(name: &str) -> Result<Stage> {
    Stage::start(root().join("target/guards").join(name)).context("no services")
}
