//! `cargo xtask down`: stops the stack of `up`.

use std::process::ExitCode;

use anyhow::Result;

use crate::paths;
use crate::stack::{self, Stopped};

/// Stops the stack and says what it found.
///
/// # Errors
///
/// If something is left running.
pub(crate) fn run() -> Result<ExitCode> {
    println!(
        "{}",
        match stack::stop(&paths::local_stack())? {
            Stopped::Running => "the stack is stopped; nothing of it is left running",
            Stopped::Crashed => "the stack had ended by itself; nothing of it is left running",
            Stopped::Nothing => "no stack was running",
        }
    );
    Ok(ExitCode::SUCCESS)
}
