//! `cargo xtask up`: the whole stack on this machine.

use std::process::ExitCode;

use anyhow::Result;

use crate::progress::note;
use crate::stack::logs::{self, End};
use crate::stack::{self, PUBLIC_API, Stack};
use crate::{paths, signals};

/// The flags of `up`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Return as soon as the stack works, and leave it running
    #[arg(long)]
    detach: bool,
    /// Port of the local AWS [default: 4566, or a free one if that is taken]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
}

/// Brings the stack up, or up to date. Without `--detach`, follows the logs until Ctrl-C and then
/// stops it.
///
/// # Errors
///
/// If a step fails.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let mut lease = stack::bring_up(&paths::local_stack(), options.port)?;
    print_welcome(lease.stack(), options.detach);
    if options.detach {
        lease.keep();
        return Ok(ExitCode::SUCCESS);
    }
    lease.stop_on_drop();
    match logs::follow(lease.stack()) {
        End::StackEnded => note("the stack was stopped"),
        End::Interrupted | End::ReaderGone => note("stopping"),
    }
    lease.stop()?;
    note("everything is stopped");
    Ok(ExitCode::SUCCESS)
}

fn print_welcome(stack: &Stack, detach: bool) {
    if signals::interrupted() {
        return;
    }
    let api = stack.api_url(PUBLIC_API);
    println!();
    println!("API      {api}");
    println!("AWS      {}", stack.endpoint());
    println!(
        "try      curl -sS -X POST '{api}/decorated/widgets' -H 'content-type: application/json' -d '{{}}'"
    );
    println!(
        "sign in  {}/login    after `cargo xtask seed-user ada --phone +15550100123`",
        stack.page_url(PUBLIC_API)
    );
    println!("shell    eval \"$(cargo xtask env)\"    then aws, sam … work on this stack");
    if detach {
        println!(
            "logs     eval \"$(cargo xtask env)\"; sam logs --stack-name {} --tail",
            stack::NAME
        );
        println!("stop     cargo xtask down");
    } else {
        println!("stop     Ctrl-C    what the functions log follows:");
    }
    println!();
}
