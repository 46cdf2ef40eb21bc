//! Commands that are programs of other packages.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use crate::code::cargo;
use crate::paths;
use crate::progress::note;
use crate::stack::Stack;

#[derive(Debug, Args)]
pub(crate) struct CheckRoutes {
    /// The routes file
    #[arg(default_value = "functions/decorator/add-defaults/routes.json")]
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SeedUser {
    /// The name to sign in with
    username: String,
    /// The telephone number that codes go to, such as +15550100
    #[arg(long, value_name = "NUMBER")]
    phone: String,
    /// The language of the texts
    #[arg(long, default_value = "en")]
    locale: String,
    /// Read the password from standard input, instead of making one and printing it
    #[arg(long)]
    password_stdin: bool,
    /// Take the place of the user there may be
    #[arg(long)]
    replace: bool,
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

/// Writes a user to the running stack. If none runs, to the account that the caller's environment
/// leads to.
///
/// # Errors
///
/// If the program that writes users cannot be built or started.
pub(crate) fn seed_user(options: &SeedUser) -> Result<ExitCode> {
    let mut seeder = cargo();
    seeder.args(["run", "--quiet", "--package", "login", "--example", "seed-user", "--"]);
    seeder.args(arguments(options));
    match Stack::running(&paths::local_stack()) {
        Some(stack) => stack.prepare(&mut seeder)?,
        None => {
            note("no local stack is running, so this writes to the account of your AWS environment")
        }
    }
    run(&mut seeder)
}

fn arguments(options: &SeedUser) -> Vec<&str> {
    let mut arguments =
        vec![options.username.as_str(), "--phone", &options.phone, "--locale", &options.locale];
    if options.password_stdin {
        arguments.push("--password-stdin");
    }
    if options.replace {
        arguments.push("--replace");
    }
    arguments
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        user: SeedUser,
    }

    #[test]
    fn a_user_is_passed_on_as_it_was_given() {
        let passed_on = |flags: &[&str]| {
            let given = ["seed-user", "ada", "--phone", "+15550100"];
            let user = Cli::parse_from(given.iter().chain(flags)).user;
            arguments(&user).join(" ")
        };
        assert_eq!(passed_on(&[]), "ada --phone +15550100 --locale en");
        assert_eq!(
            passed_on(&["--replace", "--locale", "de", "--password-stdin"]),
            "ada --phone +15550100 --locale de --password-stdin --replace"
        );
    }
}
