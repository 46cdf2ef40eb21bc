//! Calls of AWS by its command line.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::account::Account;
use crate::signals;

impl Account {
    /// Calls an operation such as `receive-message` of the service `sqs`.
    ///
    /// # Errors
    ///
    /// If it is refused, with the words of AWS, or the user interrupts.
    pub(super) fn call(&self, service: &str, operation: &str, input: &Value) -> Result<Value> {
        signals::check()?;
        self.call_even_if_interrupted(service, operation, input)
    }

    /// As [`Account::call`], for what must be put right before the end.
    ///
    /// # Errors
    ///
    /// If it is refused, with the words of AWS.
    pub(super) fn call_even_if_interrupted(
        &self,
        service: &str,
        operation: &str,
        input: &Value,
    ) -> Result<Value> {
        let input = Input::write(input)?;
        let mut command = self.command()?;
        command.args([service, operation, "--cli-input-json", &input.address()]);
        let output = answer(&mut command).with_context(|| format!("aws {service} {operation}"))?;
        if output.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&output).with_context(|| format!("{operation} answered no JSON"))
    }
}

/// The input of a call, in a file of ours alone: a batch is longer than an argument may be.
struct Input(PathBuf);

impl Input {
    fn write(input: &Value) -> Result<Self> {
        let file = std::env::temp_dir().join(format!("xtask-dlq-{}.json", std::process::id()));
        // Left by a process of the same number, or put there by somebody else.
        let _ = fs::remove_file(&file);
        let context = || format!("cannot write {}", file.display());
        let mut opened = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&file)
            .with_context(context)?;
        opened.write_all(input.to_string().as_bytes()).with_context(context)?;
        Ok(Self(file))
    }

    fn address(&self) -> String {
        format!("file://{}", self.0.display())
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// What a program prints.
fn answer(command: &mut Command) -> Result<String> {
    // In a group of its own, out of the reach of Ctrl-C: what was begun is ended.
    let output = command.stdin(Stdio::null()).process_group(0).output();
    let output = output.context("cannot be started; `cargo xtask doctor` says what is missing")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_is_there_as_long_as_it_is_needed() {
        let input = Input::write(&serde_json::json!({ "a": 1 })).expect("it can be written");
        let file = input.0.clone();
        assert_eq!(fs::read_to_string(&file).expect("it is there"), r#"{"a":1}"#);
        drop(input);
        assert!(!file.exists());
    }

    #[test]
    fn a_program_that_fails_is_heard() {
        let mut failing = Command::new("sh");
        let error = answer(failing.args(["-c", "echo refused >&2; exit 3"]));
        assert_eq!(error.expect_err("it fails").to_string(), "refused");
    }
}
