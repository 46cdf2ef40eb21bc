//! Commands that are programs of other packages.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::code::cargo;

#[derive(Debug, Args)]
pub(crate) struct CheckRoutes {
    /// The routes file
    #[arg(default_value = "functions/decorator/add-defaults/routes.json")]
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// What the benchmark is told; `-- --help` lists it
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Checks a routes file and lists its routes, or everything that is wrong with it.
///
/// # Errors
///
/// If the checker cannot be built or started.
pub(crate) fn check_routes(options: &CheckRoutes) -> Result<ExitCode> {
    let mut checker = cargo();
    checker.args([
        "run",
        "--quiet",
        "--package",
        "add-defaults",
        "--example",
        "check-routes",
        "--",
    ]);
    run(checker.arg(&options.file))
}

/// Measures the functions against their peers.
///
/// # Errors
///
/// If the benchmark cannot be built or started.
pub(crate) fn bench(options: &Bench) -> Result<ExitCode> {
    let mut bench = cargo();
    bench.args([
        "run",
        "--quiet",
        "--profile",
        "tools",
        "--package",
        "tests",
        "--bin",
        "bench",
        "--",
    ]);
    run(bench.args(&options.arguments))
}

fn run(command: &mut std::process::Command) -> Result<ExitCode> {
    let status = command.status().context("cannot start cargo")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}
