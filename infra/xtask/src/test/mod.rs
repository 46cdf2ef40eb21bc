//! `cargo xtask test`: every test, as named steps.

mod commands;
mod context;
mod steps;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::progress::note;
use crate::signals;
use context::Context;
use steps::{STEPS, Step};

/// The flags of `test`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Run only this step; may be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Say which steps there are
    #[arg(long)]
    list: bool,
}

/// The end of a step.
struct Outcome {
    name: &'static str,
    took: Duration,
    result: Result<()>,
}

/// Runs the steps, all of them even if one fails, and prints a summary.
///
/// # Errors
///
/// If a step does not exist, or the user interrupts the run.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    if options.list {
        for step in STEPS {
            println!("{:<10}  {}", step.name, step.about);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let steps = chosen(&options.only)?;
    let mut context = Context::default();
    let mut outcomes = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        signals::check()?;
        outcomes.push(timed(step.name, || (step.run)(&mut context)));
        // As soon as nobody needs it: the steps that measure want the machine for themselves.
        let is_needed = steps[index + 1..].iter().any(|later| later.uses_stack);
        if !is_needed && let Some(stack) = context.take_stack() {
            outcomes.push(timed("down", || stack.stop()));
        }
    }
    signals::check()?;
    Ok(summarize(&outcomes))
}

fn chosen(only: &[String]) -> Result<Vec<&'static Step>> {
    for name in only {
        if !STEPS.iter().any(|step| step.name == name) {
            let names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
            bail!("there is no step {name}; there are {}", names.join(", "));
        }
    }
    Ok(STEPS
        .iter()
        .filter(|step| only.is_empty() || only.iter().any(|name| name == step.name))
        .collect())
}

fn timed(name: &'static str, run: impl FnOnce() -> Result<()>) -> Outcome {
    let started = Instant::now();
    let result = run();
    if let Err(error) = &result {
        note(&format!("{name}: {error:#}\n"));
    }
    Outcome { name, took: started.elapsed(), result }
}

fn summarize(outcomes: &[Outcome]) -> ExitCode {
    println!();
    for Outcome { name, took, result } in outcomes {
        let word = if result.is_ok() { "ok" } else { "FAILED" };
        println!("{name:<10}  {:>7.1} s  {word}", took.as_secs_f64());
    }
    let failed = outcomes.iter().filter(|outcome| outcome.result.is_err()).count();
    println!("\n{} passed, {failed} failed", outcomes.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_chosen_by_name_in_their_own_order() {
        let names = |only: &[&str]| -> Vec<&str> {
            let only: Vec<String> = only.iter().map(|&name| name.to_owned()).collect();
            chosen(&only).expect("they exist").iter().map(|step| step.name).collect()
        };
        assert_eq!(names(&["tidy", "fmt"]), ["fmt", "tidy"]);
        assert_eq!(names(&[]).len(), STEPS.len());
    }

    #[test]
    fn an_unknown_step_is_answered_with_the_known_ones() {
        let error = chosen(&["fnt".to_owned()]).err().expect("there is no such step").to_string();
        assert!(error.contains("fnt") && error.contains("fmt, clippy"), "{error}");
    }
}
