//! Builds what is measured, in the profile that is deployed.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::files::root;

/// A built program.
#[derive(Debug, Clone)]
pub struct Program {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// Builds a package alone, so that no other package adds features to what it uses, and returns
/// its programs.
///
/// # Errors
/// When it does not build.
pub fn release(package: &str, arguments: &[&str]) -> Result<Vec<Program>> {
    let mut cargo = command();
    cargo.args(["build", "--release", "--locked", "--message-format=json-render-diagnostics"]);
    cargo.args(["--package", package]).args(arguments);
    let built = cargo.stderr(Stdio::inherit()).output().context("cannot start cargo")?;
    ensure!(built.status.success(), "{package} does not build");
    Ok(String::from_utf8_lossy(&built.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| {
            let path = PathBuf::from(message["executable"].as_str()?);
            Some(Program { name: message["target"]["name"].as_str()?.to_owned(), path })
        })
        .collect())
}

/// Builds a function and returns where its program is.
///
/// # Errors
/// When it does not build.
pub fn function(package: &str) -> Result<PathBuf> {
    let programs = release(package, &[])?;
    let found = programs.into_iter().find(|program| program.name == package);
    Ok(found.with_context(|| format!("{package} has no program of its name"))?.path)
}

/// Cargo, free of what another cargo has set for the program that calls it here: build scripts
/// would take that for a change and run again.
#[must_use]
pub fn command() -> Command {
    const FOR_PROGRAMS: [&str; 6] = [
        "CARGO_BIN_",
        "CARGO_CRATE_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_PRIMARY_",
        "OUT_DIR",
    ];
    // The deploy profile is measured as it stands in the manifest.
    const FOR_PROFILES: [&str; 2] = ["CARGO_PROFILE_", "RUSTFLAGS"];
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        let is_set_by_cargo = name.to_str().is_some_and(|name| {
            FOR_PROGRAMS.iter().chain(&FOR_PROFILES).any(|prefix| name.starts_with(prefix))
        });
        if is_set_by_cargo {
            command.env_remove(name);
        }
    }
    command
}
