//! What a million sign-ins cost on AWS, from the calls that were counted.
//!
//! Public prices of us-east-1 in November 2026, in US dollars, without free tiers and discounts.
//! Text messages are left out, although they are most of it: their price depends on the country,
//! and on carriers.

use std::fmt::Write as _;

use ::tests::endpoint::Operations;
use serde_json::{Value, json};

use crate::contestants::Group;
use crate::measure::Figures;
use crate::report::short;

/// DynamoDB on demand, a million write request units (1 KB) and read request units (4 KB).
const WRITES: f64 = 0.625;
const READS: f64 = 0.125;
/// SQS, a million requests of a standard queue.
const QUEUE: f64 = 0.40;
/// API Gateway, a million requests of an HTTP API.
const HTTP: f64 = 1.00;
/// Lambda, a million requests.
const REQUESTS: f64 = 0.20;
/// Lambda on arm64, a million GB-seconds.
const GB_SECONDS: f64 = 13.3334;

/// The memory at which a function has one whole processor, in MB; with less it has a share.
const WHOLE_PROCESSOR: f64 = 1769.0;
/// Seconds that a call of another service takes: an assumption, as none of them is real here.
const CALL: f64 = 0.005;

/// Where a sign-in passes: the group that was measured, the memory of its function in MB, and who
/// invokes it.
const STEPS: [(&str, f64, Source); 4] = [
    ("login-start", 512.0, Source::Http),
    ("two-factor", 256.0, Source::Queue),
    ("login-code", 512.0, Source::Http),
    ("login-session", 512.0, Source::Http),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Http,
    Queue,
}

/// A kind of unit that AWS counts.
#[derive(Debug, PartialEq)]
pub(crate) struct Line {
    about: &'static str,
    /// How many a sign-in takes.
    units: f64,
    /// Dollars for a million of them.
    price: f64,
}

impl Line {
    /// Dollars for a million sign-ins.
    fn dollars(&self) -> f64 {
        self.units * self.price
    }

    pub(crate) fn json(&self) -> Value {
        json!({ "about": self.about, "units": self.units, "dollarsPerMillion": self.dollars() })
    }
}

/// The bill, if all steps of a sign-in were measured; else nothing.
pub(crate) fn bill(groups: &[Group], figures: &[Vec<Figures>]) -> Vec<Line> {
    let mut all = Units::default();
    for (name, memory, source) in STEPS {
        let at = groups.iter().position(|group| group.name == name);
        let Some(figures) = at.and_then(|at| figures[at].first()) else { return Vec::new() };
        all.add(&Step { calls: &figures.calls, memory, cpu: figures.warm_cpu, source });
    }
    all.lines()
}

/// One invocation.
struct Step<'a> {
    calls: &'a Operations,
    memory: f64,
    /// Seconds on a whole processor.
    cpu: f64,
    source: Source,
}

#[derive(Debug, Default, PartialEq)]
struct Units {
    writes: f64,
    reads: f64,
    queue: f64,
    http: f64,
    requests: f64,
    gb_seconds: f64,
}

impl Units {
    fn add(&mut self, step: &Step<'_>) {
        let mut calls = 0.0;
        for (operation, count) in step.calls {
            let (name, items) = items(operation);
            let count = number(*count);
            calls += count;
            match name {
                // Transactions prepare and commit, and pay for both.
                "TransactWriteItems" => self.writes += count * items * 2.0,
                "PutItem" | "UpdateItem" | "DeleteItem" => self.writes += count,
                // Consistent; in a batch they are not, which costs half.
                "GetItem" => self.reads += count,
                "BatchGetItem" => self.reads += count * items / 2.0,
                "SendMessage" => self.queue += count,
                _ => {}
            }
        }
        match step.source {
            Source::Http => self.http += 1.0,
            // Received and deleted, at worst in a batch of its own.
            Source::Queue => self.queue += 2.0,
        }
        self.requests += 1.0;
        let seconds = CALL.mul_add(calls, step.cpu * WHOLE_PROCESSOR / step.memory);
        // Time is paid for by the millisecond begun.
        self.gb_seconds += (seconds * 1e3).ceil() / 1e3 * step.memory / 1024.0;
    }

    fn lines(self) -> Vec<Line> {
        let line = |about, units, price| Line { about, units, price };
        vec![
            line("DynamoDB, write request units", self.writes, WRITES),
            line("DynamoDB, read request units", self.reads, READS),
            line("SQS, requests", self.queue, QUEUE),
            line("API Gateway, requests", self.http, HTTP),
            line("Lambda, requests", self.requests, REQUESTS),
            line("Lambda, GB-seconds (arm64)", self.gb_seconds, GB_SECONDS),
        ]
    }
}

/// Splits `TransactWriteItems(3)`; an operation without a number has one item.
fn items(operation: &str) -> (&str, f64) {
    let split = operation.strip_suffix(')').and_then(|text| text.split_once('('));
    let parsed = split.and_then(|(name, items)| Some((name, items.parse().ok()?)));
    parsed.unwrap_or((operation, 1.0))
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
const fn number(count: usize) -> f64 {
    count as f64
}

/// The bill as Markdown.
pub(crate) fn table(bill: &[Line]) -> String {
    let mut text = String::from(
        "### A million sign-ins on AWS\n\n\
         Password, one code, code entered, one check of the session. List prices of us-east-1, \
         November 2026, in US dollars, without free tiers.\n\n\
         | | a sign-in | a million units | a million sign-ins |\n|---|---:|---:|---:|\n",
    );
    for line in bill {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.2} |",
            line.about,
            short(line.units),
            line.price,
            line.dollars()
        );
    }
    let sum: f64 = bill.iter().map(Line::dollars).sum();
    let _ = writeln!(text, "| **without the text messages** | | | **{sum:.2}** |\n");
    let _ = writeln!(
        text,
        "Text messages come on top and are most of it: at one cent each, 10000.00, which is {} \
         times the rest; look up your countries. Lambda's time is processor time measured here, \
         scaled to the function's share of a processor ({WHOLE_PROCESSOR} MB is a whole one), and \
         {} ms assumed for each call. Not in it: first starts, logs, traces, alarms, storage, data \
         transfer; a month of the secret (0.40) and its reads at starts (0.05 for 10000), and the \
         queue's polling while it is empty.",
        short(10_000.0 / sum),
        CALL * 1e3
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(calls: &[(&str, usize)]) -> Operations {
        calls.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    /// What a step asks for, how long it computes, and what starts it.
    type Case<'a> = (&'a [(&'a str, usize)], f64, Source);

    fn units(steps: &[Case<'_>]) -> Units {
        let mut all = Units::default();
        for (made, cpu, source) in steps {
            let calls = calls(made);
            all.add(&Step { calls: &calls, memory: 512.0, cpu: *cpu, source: *source });
        }
        all
    }

    #[test]
    fn a_sign_in_is_counted_as_aws_counts_it() {
        // The calls are those that the guards hold the functions to.
        let start = [("BatchGetItem(3)", 1), ("TransactWriteItems(3)", 1), ("SendMessage", 1)];
        let code =
            [("GetItem", 1), ("TransactWriteItems(4)", 1), ("Publish", 1), ("UpdateItem", 1)];
        let guess = [("UpdateItem", 1), ("TransactWriteItems(3)", 1)];
        let session = [("GetItem", 1)];
        let all = units(&[
            (&start, 0.0, Source::Http),
            (&code, 0.0, Source::Queue),
            (&guess, 0.0, Source::Http),
            (&session, 0.0, Source::Http),
        ]);
        assert_eq!((all.writes, all.reads), (6.0 + 8.0 + 1.0 + 1.0 + 6.0, 1.5 + 1.0 + 1.0));
        assert_eq!((all.queue, all.http, all.requests), (3.0, 3.0, 4.0));
        let dollars: Vec<_> = all.lines().iter().take(2).map(Line::dollars).collect();
        assert_eq!(dollars, [13.75, 0.4375]);
    }

    #[test]
    fn time_is_scaled_to_the_share_of_a_processor_and_rounded_up() {
        let one = units(&[(&[], 0.0291, Source::Http)]);
        // 29.1 ms on a whole processor are 100.5 ms on 512 MB.
        assert!((one.gb_seconds - 0.101 / 2.0).abs() < 1e-9, "{}", one.gb_seconds);
        let waiting = units(&[(&[("GetItem", 2)], 0.0, Source::Http)]);
        assert!((waiting.gb_seconds - 0.010 / 2.0).abs() < 1e-9, "{}", waiting.gb_seconds);
    }
}
