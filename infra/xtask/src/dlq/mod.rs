//! `cargo xtask dlq`: looks into dead-letter queues, and sends their messages back.
//!
//! Works on AWS and on the local stack, which lacks SQS's own redrive (`StartMessageMoveTask`): a
//! message is sent to where it came from, and deleted when that has gone well. If only the deletion
//! fails, the message is there twice, and the functions know what they have done already.

mod account;
mod call;
mod choice;
mod commands;
mod message;
mod queue;
mod retry;
mod scan;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

use crate::{stack, tools};
use account::Account;
use queue::Queues;

/// The flags of `dlq`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    command: Command,
    /// The stack that has the queues
    #[arg(long, global = true, default_value = stack::NAME)]
    stack_name: String,
    /// The region of the stack [default: that of your AWS environment]
    #[arg(long, global = true)]
    region: Option<String>,
    /// The account of your AWS environment, even if a local stack runs
    #[arg(long, global = true)]
    aws: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the dead-letter queues, and how many messages are in them
    Ls,
    /// Show messages, and leave them where they are
    Show(Show),
    /// Send messages back to where they came from
    Redrive(Chosen),
    /// Open the failed steps of runs again, and delete the messages that brought them
    Retry(Chosen),
    /// Delete messages
    Drop(Chosen),
}

/// Which messages are shown.
#[derive(Debug, Args)]
struct Show {
    /// The queue, by its name in the template or, in short, as in email-user
    queue: String,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 10)]
    max: usize,
    /// Only those whose body has this text in it
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
}

/// Which messages leave their queue.
#[derive(Debug, Args)]
struct Chosen {
    /// The queue, by its name in the template or, in short, as in email-user
    queue: String,
    #[command(flatten)]
    which: Which,
    /// Of them, only those whose body has this text in it
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Only say which they are
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The message with this id, as `show` prints it
    #[arg(long, value_name = "ID")]
    message: Option<String>,
    /// Every message
    #[arg(long)]
    all: bool,
}

/// Does what the command line says.
///
/// # Errors
///
/// If AWS refuses something, or there is no such queue.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    tools::install(tools::Tools::Cli)?;
    let account = Account::new(options.aws, options.region.clone());
    let queues = Queues::of_stack(&account, &options.stack_name)?;
    match &options.command {
        Command::Ls => Ok(commands::ls(&queues.all()?)),
        Command::Show(show) => commands::show(&account, &queues.named(&show.queue)?, show),
        Command::Redrive(chosen) => {
            commands::redrive(&account, &queues.named(&chosen.queue)?, chosen)
        }
        Command::Retry(chosen) => {
            let api = retry::api(&account, &options.stack_name)?;
            commands::retry(&account, &queues.named(&chosen.queue)?, chosen, &api)
        }
        Command::Drop(chosen) => {
            commands::drop_messages(&account, &queues.named(&chosen.queue)?, chosen)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn what_leaves_a_queue_must_be_said() {
        let parse = |arguments: &str| {
            Cli::try_parse_from(std::iter::once("dlq").chain(arguments.split(' '))).is_ok()
        };
        assert!(parse("redrive codes --all --filter x --dry-run --region eu-central-1"));
        assert!(parse("redrive codes --message 1 --stack-name other"));
        assert!(parse("show codes --max 5"));
        assert!(parse("retry email-user --all --dry-run"));
        assert!(parse("ls --aws"));
        for refused in [
            "redrive codes",
            "drop codes",
            "retry email-user",
            "redrive codes --all --message 1",
            "show",
        ] {
            assert!(!parse(refused), "{refused}");
        }
    }
}
