//! Measures contestants by turns, so that what else the machine does hits all of them alike.

use std::time::Duration;

use ::tests::callgrind::{self, Instructions};
use ::tests::endpoint::Operations;
use ::tests::function::Function;
use ::tests::stage::Stage;
use anyhow::{Context as _, Result};

use crate::contestants::{Contestant, Group};

/// Processor time counts this much more after INIT: a function of 128 MB has 1/13.8 of a vCPU,
/// and a whole one during INIT.
const THROTTLE: f64 = 13.8;
/// Invocations that the instructions of a warm one are the mean of.
const COUNTED: u64 = 50;

/// How often to measure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Starts of each contestant.
    pub(crate) rounds: usize,
    /// Warm invocations after each start.
    pub(crate) warm: u64,
}

/// What a contestant needs, each the median of all rounds.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    /// Seconds from the start of the process to its first question for an event.
    pub(crate) start: f64,
    /// Seconds of the first invocation.
    pub(crate) first: f64,
    /// Seconds of both.
    pub(crate) cold: f64,
    /// Seconds of both as projected to a function of 128 MB.
    pub(crate) at_128_mb: f64,
    /// Seconds of a later invocation: the median, and what one in a hundred exceeds.
    pub(crate) warm: f64,
    pub(crate) warm_p99: f64,
    /// Seconds of a processor that a later invocation takes.
    pub(crate) warm_cpu: f64,
    /// Peak of its memory, in bytes.
    pub(crate) memory: f64,
    /// Its package, in bytes.
    pub(crate) zip: f64,
    pub(crate) instructions: Option<Instructions>,
    /// What an invocation asks other services for.
    pub(crate) calls: Operations,
}

#[derive(Debug, Default)]
struct Samples {
    start: Vec<f64>,
    first: Vec<f64>,
    cold: Vec<f64>,
    at_128_mb: Vec<f64>,
    warm: Vec<f64>,
    warm_cpu: Vec<f64>,
    memory: Vec<f64>,
    calls: Operations,
}

/// Measures all groups; the figures are in the order of the contestants.
///
/// # Errors
/// When a contestant fails.
pub(crate) fn all(
    groups: &[Group],
    effort: Effort,
    stage: &Stage,
    mut progress: impl FnMut(&str),
) -> Result<Vec<Vec<Figures>>> {
    let mut samples: Vec<Vec<Samples>> = groups
        .iter()
        .map(|group| group.contestants.iter().map(|_| Samples::default()).collect())
        .collect();
    for round in 0..effort.rounds {
        progress(&format!("round {} of {}", round + 1, effort.rounds));
        for (group, samples) in groups.iter().zip(&mut samples) {
            for (contestant, samples) in group.contestants.iter().zip(samples) {
                let warm = effort.warm.div_ceil(group.every);
                once(contestant, warm, stage, samples)
                    .with_context(|| format!("{}, {}", group.name, contestant.name))?;
            }
        }
    }
    let mut figures = Vec::new();
    for (group, samples) in groups.iter().zip(samples) {
        let mut row = Vec::new();
        for (contestant, samples) in group.contestants.iter().zip(samples) {
            let instructions = if contestant.is_native {
                progress(&format!("counting instructions of {}", contestant.name));
                let Contestant { launch, event, .. } = contestant;
                let counted = COUNTED.div_ceil(group.every);
                Some(callgrind::count(launch, event, counted, stage.folder())?)
            } else {
                None
            };
            row.push(samples.figures(contestant.zip, instructions));
        }
        figures.push(row);
    }
    Ok(figures)
}

fn once(contestant: &Contestant, warm: u64, stage: &Stage, samples: &mut Samples) -> Result<()> {
    let mut function = Function::start(&contestant.launch)?;
    let start = function.start_time();
    let start_cpu = function.cpu()?;
    let calls_before = stage.operations();
    let first = function.invoke(&contestant.event)?.took;
    samples.calls = stage.operations_since(&calls_before);
    let cold_cpu = function.cpu()?;
    let first_cpu = cold_cpu.saturating_sub(start_cpu);
    for _ in 0..warm {
        samples.warm.push(function.invoke(&contestant.event)?.took.as_secs_f64());
    }
    let warm_cpu = function.cpu()?.saturating_sub(cold_cpu).as_secs_f64();
    samples.warm_cpu.push(warm_cpu / count(warm));
    samples.start.push(start.as_secs_f64());
    samples.first.push(first.as_secs_f64());
    samples.cold.push((start + first).as_secs_f64());
    samples.at_128_mb.push(projected(start_cpu, first_cpu));
    samples.memory.push(count(function.peak_memory()?));
    Ok(())
}

fn projected(start: Duration, first: Duration) -> f64 {
    THROTTLE.mul_add(first.as_secs_f64(), start.as_secs_f64())
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
const fn count(count: u64) -> f64 {
    count as f64
}

impl Samples {
    fn figures(self, zip: usize, instructions: Option<Instructions>) -> Figures {
        Figures {
            start: quantile(self.start, 0.5),
            first: quantile(self.first, 0.5),
            cold: quantile(self.cold, 0.5),
            at_128_mb: quantile(self.at_128_mb, 0.5),
            warm: quantile(self.warm.clone(), 0.5),
            warm_p99: quantile(self.warm, 0.99),
            warm_cpu: quantile(self.warm_cpu, 0.5),
            memory: quantile(self.memory, 0.5),
            zip: count(zip as u64),
            instructions,
            calls: self.calls,
        }
    }
}

/// The value that a share of the values does not exceed.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an index made of a share of a length"
)]
pub(crate) fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(quantile(values.clone(), 0.5), 50.0);
        assert_eq!(quantile(values, 0.99), 99.0);
        assert!(quantile(Vec::new(), 0.5).is_nan());
    }

    #[test]
    fn the_first_invocation_weighs_more_on_a_small_function() {
        let projected = projected(Duration::from_millis(4), Duration::from_millis(1));
        assert!((projected - 0.0178).abs() < 1e-9);
    }
}
