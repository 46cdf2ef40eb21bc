//! What a program needs in its environment to talk to the local AWS, and to nothing else.

use std::env::{join_paths, split_paths, var_os};
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use super::{PUBLIC_API, REGION, Stack};
use crate::tools::Tools;

/// Variables that could lead a program to a real account or endpoint in spite of the others.
pub(crate) const MISLEADING: [&str; 7] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

impl Stack {
    /// The variables to set, without `PATH`.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("API_URL", self.api_url(PUBLIC_API)),
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            // Any will do, but the tools refuse to work without.
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("SAM_CLI_TELEMETRY", "0".to_owned()),
            ("NO_PROXY", without_proxy()),
        ]
    }

    /// The folders to put in front of `PATH`.
    pub(crate) fn program_folders(&self) -> [PathBuf; 2] {
        [self.dir.join("bin"), Tools::Cli.bin()]
    }

    /// Gives a command the environment.
    ///
    /// # Errors
    ///
    /// If the `PATH` cannot be extended.
    pub(crate) fn prepare(&self, command: &mut Command) -> Result<()> {
        for name in MISLEADING {
            command.env_remove(name);
        }
        let own = self.program_folders();
        let path = var_os("PATH").unwrap_or_default();
        let path =
            join_paths(own.into_iter().chain(split_paths(&path))).context("cannot extend PATH")?;
        command.envs(self.variables()).env("PATH", path);
        Ok(())
    }
}

fn without_proxy() -> String {
    let known =
        var_os("NO_PROXY").map(OsString::into_string).and_then(Result::ok).unwrap_or_default();
    let local = "127.0.0.1,localhost";
    match known.as_str() {
        "" => local.to_owned(),
        known if known.contains(local) => known.to_owned(),
        known => format!("{known},{local}"),
    }
}

/// Writes an `aws` command that always calls the local AWS.
///
/// Version 1 of the AWS command line ignores `AWS_ENDPOINT_URL` for `sqs` and a few other services:
/// it would call the real one. It heeds the flag.
///
/// # Errors
///
/// If it cannot be written.
pub(crate) fn write_aws_command(stack: &Stack) -> Result<()> {
    let file = stack.dir.join("bin/aws");
    let script = format!(
        "#!/bin/sh\n\
         # The AWS command line ignores AWS_ENDPOINT_URL for some services (sqs), but not the flag.\n\
         exec {} --endpoint-url \"${{AWS_ENDPOINT_URL:-{}}}\" \"$@\"\n",
        quoted(&Tools::Cli.program("aws").display().to_string()),
        stack.endpoint()
    );
    if fs::read_to_string(&file).is_ok_and(|written| written == script) {
        return Ok(());
    }
    let context = || format!("cannot write {}", file.display());
    fs::create_dir_all(stack.dir.join("bin")).with_context(context)?;
    fs::write(&file, script).with_context(context)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).with_context(context)
}

/// Text as one word of a shell.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_survives_a_shell() {
        let text = "a b'c $default \"d\" \\";
        let output =
            Command::new("sh").args(["-c", &format!("printf %s {}", quoted(text))]).output();
        assert_eq!(
            String::from_utf8(output.expect("there is a shell").stdout).expect("it is text"),
            text
        );
    }
}
