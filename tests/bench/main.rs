//! Measures the functions beside others that do the same, in one run.
//!
//! `cargo run --profile tools --package tests --bin bench`. Results go to standard output as
//! Markdown, and to `target/bench` as Markdown, JSON and SVG. Compare ratios: times wander with
//! what else the machine does, ratios within a run hardly do.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "results go to standard output, progress to standard error"
)]

mod contestants;
mod cost;
mod fill;
mod measure;
mod peers;
mod plot;
mod report;
mod targets;

use std::fs;

use ::tests::callgrind::require_valgrind;
use ::tests::stage::Stage;
use anyhow::{Result, ensure};
use clap::Parser;

use crate::measure::Effort;
use crate::report::Results;

/// What `--only` calls the part that has no functions.
const FILL: &str = "fill";

#[derive(Parser)]
#[command(name = "bench", about = "Measures the functions beside others that do the same")]
struct Options {
    /// Starts of each contestant
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// Warm invocations of each contestant, at least
    #[arg(long, default_value_t = 3000)]
    warm: u64,
    /// A few rounds: enough to see that it works
    #[arg(long)]
    quick: bool,
    /// Only groups or contestants with one of these words in their names: hello, add-defaults,
    /// widget-api, login, two-factor, fill, Python…; commas separate them
    #[arg(long)]
    only: Option<String>,
}

impl Options {
    fn effort(&self) -> Effort {
        let (rounds, warm) = if self.quick { (3, 300) } else { (self.rounds.max(1), self.warm) };
        Effort { rounds, warm: warm.div_ceil(rounds as u64) }
    }
}

fn main() -> Result<()> {
    let options = Options::parse();
    require_valgrind()?;
    if cfg!(debug_assertions) {
        eprintln!("bench: built for debugging, so the services it plays are slow: --profile tools");
    }
    eprintln!("bench: building and installing what is measured");
    let peers = peers::Peers::prepare()?;
    let folder = contestants::folder();
    let stage = Stage::start(folder.join("run"))?;
    let only = options.only.as_deref();
    let groups = contestants::keep(contestants::all(&stage, &peers)?, only);
    let fills = only.is_none_or(|only| only.split(',').any(|word| word == FILL));
    ensure!(fills || !groups.is_empty(), "nothing has that in its name");

    let progress = |what: &str| eprintln!("bench: {what}");
    let effort = options.effort();
    let figures = measure::all(&groups, effort, &stage, progress)?;
    let fill = if fills {
        fill::all(&peers, effort.rounds.min(5), &folder.join(FILL), progress)?
    } else {
        Vec::new()
    };
    let targets = targets::all(&groups, &figures);
    let bill = cost::bill(&groups, &figures);
    let results =
        Results { groups: &groups, figures: &figures, fill: &fill, targets: &targets, bill: &bill };
    let markdown = results.markdown();
    print!("{markdown}");
    fs::write(folder.join("results.md"), &markdown)?;
    fs::write(folder.join("results.json"), serde_json::to_string_pretty(&results.json())?)?;
    fs::write(folder.join("results.svg"), plot::svg(&groups, &figures))?;
    eprintln!("bench: wrote results.md, results.json and results.svg in target/bench");
    Ok(())
}
