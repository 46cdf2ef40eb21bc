//! `cargo xtask env`: what a shell needs to talk to the running stack.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::paths;
use crate::stack::{MISLEADING, Stack, quoted};

/// Prints shell commands for `eval`.
///
/// # Errors
///
/// If no stack runs.
pub(crate) fn run() -> Result<ExitCode> {
    let stack = Stack::running(&paths::local_stack())
        .context("no stack is running; start one with `cargo xtask up --detach`")?;
    // A profile or token of a real account must not get in between.
    println!("unset {}", MISLEADING.join(" "));
    for (name, value) in stack.variables() {
        println!("export {name}={}", quoted(&value));
    }
    let folders = stack.program_folders().map(|folder| quoted(&folder.display().to_string()));
    println!("export PATH={}:\"$PATH\"", folders.join(":"));
    Ok(ExitCode::SUCCESS)
}
