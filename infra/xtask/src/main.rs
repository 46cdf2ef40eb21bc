//! The project's own commands, run as `cargo xtask <command>`.
//!
//! They need Rust and Python 3 and bring everything else themselves. What they start they stop,
//! also on Ctrl-C and on a panic.
#![expect(
    clippy::print_stdout,
    reason = "results go there; progress and errors go to standard error"
)]

mod code;
mod dlq;
mod doctor;
mod down;
mod env;
mod forward;
mod http;
mod outbox;
mod paths;
mod process;
mod progress;
mod signals;
mod stack;
mod step;
mod system;
mod template;
mod test;
mod tools;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::progress::note;
use crate::signals::Interrupted;

/// What a shell reports for a program that Ctrl-C ended.
const ENDED_BY_CTRL_C: u8 = 130;

#[derive(Parser)]
#[command(name = "xtask", bin_name = "cargo xtask", about = "The project's own commands")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the functions, start a local AWS, deploy the stack to it and follow the logs
    Up(up::Options),
    /// Stop the stack and everything it started
    Down,
    /// Print what a shell needs to talk to the running stack: eval "$(cargo xtask env)"
    Env,
    /// Show what the running stack would have texted, mailed and posted to webhooks
    Outbox(outbox::Options),
    /// Look into the dead-letter queues, and send messages back: of the running stack, or else of
    /// your AWS account
    Dlq(dlq::Options),
    /// Write a user that can sign in: to the running stack, or else to your AWS account
    SeedUser(forward::SeedUser),
    /// Say what is missing on this machine, and how to get it
    Doctor,
    /// Run every test, and print a summary
    Test(test::Options),
    /// Check a routes file of the decorator as the function does when it starts
    CheckRoutes(forward::CheckRoutes),
    /// Measure the functions against their peers
    Bench(forward::Bench),
}

fn main() -> ExitCode {
    signals::watch();
    let result = match Cli::parse().command {
        Command::Up(options) => up::run(&options),
        Command::Down => down::run(),
        Command::Env => env::run(),
        Command::Outbox(options) => outbox::run(&options),
        Command::Dlq(options) => dlq::run(&options),
        Command::SeedUser(options) => forward::seed_user(&options),
        Command::Doctor => doctor::run(),
        Command::Test(options) => test::run(&options),
        Command::CheckRoutes(options) => forward::check_routes(&options),
        Command::Bench(options) => forward::bench(&options),
    };
    match result {
        Ok(code) => code,
        Err(error) if error.is::<Interrupted>() => {
            note(&error.to_string());
            ExitCode::from(ENDED_BY_CTRL_C)
        }
        Err(error) => {
            note(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
