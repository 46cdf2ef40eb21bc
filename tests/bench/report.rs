//! The results: as a table with ratios, as JSON, and as a picture.

use std::fmt::Write as _;

use ::tests::callgrind::Instructions;
use ::tests::endpoint::Operations;
use serde_json::{Value, json};

use crate::contestants::Group;
use crate::cost::{self, Line};
use crate::fill::{NAMES, Row};
use crate::measure::Figures;
use crate::targets::Target;

/// What the tables do not say for themselves.
const NOTES: &str = "\
Each cell: the median, and how many times that of the first row it is. Start: from the start of the \
process to its first question for an event. On 128 MB: a projection, processor time of the start \
plus 13.8 times that of the first invocation. Minstr: million instructions under valgrind, which \
hides some instructions of newer processors, those for SHA among them. A zip holds what has to be \
brought along: not the runtimes, not boto3, which Lambda has. Calls: what an invocation asks other \
services for; in brackets, how many items a transaction or a batch has. Python runs on Lambda's \
own runtime client; Node.js runs on a loop of our own, and its functions are bundled.\n\n";

/// Everything that was measured.
pub(crate) struct Results<'a> {
    pub(crate) groups: &'a [Group],
    /// By group and contestant.
    pub(crate) figures: &'a [Vec<Figures>],
    pub(crate) fill: &'a [Row],
    pub(crate) targets: &'a [Target],
    /// Of a million sign-ins; empty if not all of a sign-in was measured.
    pub(crate) bill: &'a [Line],
}

impl Results<'_> {
    /// The results as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from(NOTES);
        for (group, figures) in self.groups.iter().zip(self.figures) {
            let _ = write!(text, "### {}\n\n{}", group.about, group_table(group, figures));
            text.push('\n');
        }
        if !self.fill.is_empty() {
            let _ = write!(text, "### Filling and validating, bytes to bytes\n\n");
            text.push_str(&fill_table(self.fill));
            text.push('\n');
        }
        if !self.bill.is_empty() {
            text.push_str(&cost::table(self.bill));
            text.push('\n');
        }
        if !self.targets.is_empty() {
            text.push_str("### Targets\n\n| Target | Limit | Measured | |\n|---|---:|---:|---|\n");
            for target in self.targets {
                let Target { about, limit, measured, .. } = target;
                let verdict = if target.is_met() { "met" } else { "**missed**" };
                let _ = writeln!(
                    text,
                    "| {about} | {}{limit} | {measured:.2} | {verdict} |",
                    target.relation()
                );
            }
        }
        text
    }

    /// The results as JSON, in seconds, bytes and instructions.
    pub(crate) fn json(&self) -> Value {
        let groups: Vec<Value> = self
            .groups
            .iter()
            .zip(self.figures)
            .map(|(group, figures)| {
                let contestants: Vec<Value> = group
                    .contestants
                    .iter()
                    .zip(figures)
                    .map(|(contestant, figures)| figures_json(contestant.name, figures))
                    .collect();
                json!({ "name": group.name, "about": group.about, "contestants": contestants })
            })
            .collect();
        let fill: Vec<Value> = self
            .fill
            .iter()
            .map(|row| {
                let seconds: Value = NAMES
                    .iter()
                    .zip(row.seconds)
                    .map(|(name, seconds)| ((*name).to_owned(), json!(seconds)))
                    .collect();
                json!({ "size": row.size, "seconds": seconds, "instructions": row.instructions })
            })
            .collect();
        let targets: Vec<Value> = self
            .targets
            .iter()
            .map(|target| {
                let Target { about, limit, measured, .. } = target;
                json!({
                    "about": about, "limit": limit, "measured": measured, "met": target.is_met(),
                })
            })
            .collect();
        let bill: Vec<Value> = self.bill.iter().map(Line::json).collect();
        json!({ "groups": groups, "fill": fill, "targets": targets, "bill": bill })
    }
}

fn figures_json(name: &str, figures: &Figures) -> Value {
    json!({
        "name": name,
        "start": figures.start,
        "first": figures.first,
        "cold": figures.cold,
        "at128MB": figures.at_128_mb,
        "warm": figures.warm,
        "warmP99": figures.warm_p99,
        "warmCpu": figures.warm_cpu,
        "memory": figures.memory,
        "zip": figures.zip,
        "instructions": figures.instructions.map(|Instructions { init, first, warm }| {
            json!({ "start": init, "first": first, "warm": warm })
        }),
        "calls": figures.calls,
    })
}

/// One row a contestant; each cell has a value and how many times that of the first row it is.
fn group_table(group: &Group, figures: &[Figures]) -> String {
    type Column = (&'static str, fn(&Figures) -> f64, f64);
    const COLUMNS: [Column; 8] = [
        ("start, ms", |f| f.start, 1e3),
        ("first, ms", |f| f.first, 1e3),
        ("start + first, ms", |f| f.cold, 1e3),
        ("on 128 MB, ms", |f| f.at_128_mb, 1e3),
        ("warm p50, µs", |f| f.warm, 1e6),
        ("warm p99, µs", |f| f.warm_p99, 1e6),
        ("memory, MB", |f| f.memory, 1e-6),
        ("zip, MB", |f| f.zip, 1e-6),
    ];
    let mut text = String::from("| |");
    for (title, ..) in COLUMNS {
        let _ = write!(text, " {title} |");
    }
    text.push_str(" Minstr start / first / warm | calls |\n|---|");
    text.push_str(&"---:|".repeat(COLUMNS.len() + 1));
    text.push_str("---|\n");
    for (contestant, own) in group.contestants.iter().zip(figures) {
        let _ = write!(text, "| {} |", contestant.name);
        for (_, value, scale) in COLUMNS {
            let ratio = figures.first().map_or(f64::NAN, |base| value(own) / value(base));
            let _ = write!(text, " {} · {}× |", short(value(own) * scale), short(ratio));
        }
        let counts = own.instructions.map(|counts| {
            counts.in_millions().map(|millions| format!("{millions:.2}")).join(" / ")
        });
        let counts = counts.unwrap_or_else(|| "–".to_owned());
        let _ = writeln!(text, " {counts} | {} |", calls(&own.calls));
    }
    text
}

/// What an invocation asks for, such as `GetItem, 2 PutItem`.
fn calls(calls: &Operations) -> String {
    let call = |(name, count): (&String, &usize)| match count {
        1 => name.clone(),
        _ => format!("{count} {name}"),
    };
    let calls: Vec<_> = calls.iter().map(call).collect();
    if calls.is_empty() { "–".to_owned() } else { calls.join(", ") }
}

fn fill_table(rows: &[Row]) -> String {
    let mut text = String::from("| size |");
    for name in NAMES {
        let _ = write!(text, " {name}, µs |");
    }
    text.push_str(" our kinstr |\n|---|---:|---:|---:|---:|\n");
    for row in rows {
        let _ = write!(text, "| {} |", row.size);
        for seconds in row.seconds {
            let ratio = seconds / row.seconds[0];
            let _ = write!(text, " {} · {}× |", short(seconds * 1e6), short(ratio));
        }
        let _ = writeln!(text, " {} |", short(thousands(row.instructions)));
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn thousands(count: u64) -> f64 {
    count as f64 / 1e3
}

/// Three digits that count.
pub(crate) fn short(number: f64) -> String {
    match number {
        n if n >= 99.5 => format!("{n:.0}"),
        n if n >= 9.95 => format!("{n:.1}"),
        n if n >= 0.0995 => format!("{n:.2}"),
        n => format!("{n:.4}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_long_as_they_are_exact() {
        let shortened: Vec<_> = [1234.5, 99.96, 12.34, 1.234, 0.01234].map(short).into();
        assert_eq!(shortened, ["1234", "100", "12.3", "1.23", "0.0123"]);
    }
}
