//! Filling in defaults and validating, from bytes to bytes, without anything around it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ::tests::callgrind;
use ::tests::files::root;
use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::measure::quantile;
use crate::peers::Peers;

/// Sizes of the documents, about, and how often each is filled.
const SIZES: [(&str, usize, usize); 3] =
    [("200 B", 200, 100_000), ("10 KB", 10_000, 2_000), ("1 MB", 1_000_000, 20)];
/// Times between which instructions are counted.
const COUNTED: [u64; 2] = [10, 20];

/// What the contestants need for documents of one size.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) size: &'static str,
    /// Seconds a document, in the order of [`NAMES`].
    pub(crate) seconds: [f64; 3],
    /// Instructions a document, for the first of them.
    pub(crate) instructions: u64,
}

/// The contestants; the first is what the others are compared with.
pub(crate) const NAMES: [&str; 3] = ["add-defaults", "Node.js, ajv", "Python, fastjsonschema"];

/// Measures all sizes.
///
/// # Errors
/// When a contestant fails, or one fills otherwise than another.
pub(crate) fn all(
    peers: &Peers,
    rounds: usize,
    folder: &Path,
    mut progress: impl FnMut(&str),
) -> Result<Vec<Row>> {
    fs::create_dir_all(folder)?;
    let schema = folder.join("schema.json");
    fs::write(&schema, schema_of_orders().to_string())?;
    let mut rows = Vec::new();
    for (size, bytes, times) in SIZES {
        progress(&format!("filling documents of {size}"));
        let document = folder.join(format!("order-{bytes}.json"));
        fs::write(&document, order(bytes).to_string())?;
        let contestants = contestants(peers, [&schema, &document]);
        let mut samples = [const { Vec::new() }; 3];
        let mut results = Vec::new();
        for _ in 0..rounds {
            for ((command, samples), name) in contestants.iter().zip(&mut samples).zip(NAMES) {
                let result = folder.join("filled.json");
                samples.push(run(command, times, &result).context(name)?);
                results.push(serde_json::from_slice::<Value>(&fs::read(result)?)?);
            }
        }
        ensure!(results.windows(2).all(|two| two[0] == two[1]), "results differ for {size}");
        let seconds = samples.map(|samples| quantile(samples, 0.5));
        let instructions = instructions(peers, [&schema, &document], folder)?;
        rows.push(Row { size, seconds, instructions });
    }
    Ok(rows)
}

/// A program and its arguments, but for the last two.
type Invocation = Vec<PathBuf>;

fn contestants(peers: &Peers, inputs: [&PathBuf; 2]) -> [Invocation; 3] {
    let native = peers.native.get("fill").cloned().unwrap_or_default();
    // Beside the packages that were installed for it.
    let script = peers.node_bundles.with_file_name("fill.mjs");
    [
        vec![native],
        vec![peers.node.clone(), script],
        vec![peers.python.clone(), root().join("tests/bench/python/fill.py")],
    ]
    .map(|program| program.into_iter().chain(inputs.map(Clone::clone)).collect())
}

fn run(invocation: &Invocation, times: usize, result: &Path) -> Result<f64> {
    let [program, arguments @ ..] = invocation.as_slice() else { return Ok(f64::NAN) };
    let mut command = Command::new(program);
    command.args(arguments).arg(times.to_string()).arg(result).stderr(Stdio::inherit());
    let output = command.output().with_context(|| format!("cannot start {}", program.display()))?;
    ensure!(output.status.success(), "it failed");
    let nanoseconds: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
    Ok(nanoseconds / 1e9)
}

fn instructions(peers: &Peers, inputs: [&PathBuf; 2], folder: &Path) -> Result<u64> {
    let mut totals = [0; 2];
    for (total, times) in totals.iter_mut().zip(COUNTED) {
        let mut command = Command::new(peers.program("fill")?);
        command.args(inputs).arg(times.to_string());
        *total = callgrind::total_of_program(&command, &folder.join("fill.callgrind"))?;
    }
    Ok((totals[1] - totals[0]) / (COUNTED[1] - COUNTED[0]))
}

fn schema_of_orders() -> Value {
    json!({
        "type": "object",
        "required": ["customer", "items"],
        "additionalProperties": false,
        "properties": {
            "customer": { "type": "string", "minLength": 1, "maxLength": 100 },
            "currency": { "enum": ["EUR", "GBP", "USD"], "default": "EUR" },
            "express": { "type": "boolean", "default": false },
            "items": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["sku", "price"],
                    "additionalProperties": false,
                    "properties": {
                        "sku": { "type": "string", "maxLength": 20 },
                        "price": { "type": "number", "minimum": 0 },
                        "quantity": { "type": "integer", "minimum": 1, "default": 1 },
                        "color": { "type": "string", "maxLength": 40, "default": "blue" }
                    }
                }
            }
        }
    })
}

/// An order of about that many bytes, with items of which half lack something.
fn order(bytes: usize) -> Value {
    let mut items = Vec::new();
    let mut length = 40;
    while length < bytes {
        let number = items.len();
        let mut item = json!({ "sku": format!("A-{number:06}"), "price": 12.5 });
        if number % 2 == 1 {
            item["quantity"] = json!(number % 9 + 1);
            item["color"] = json!("green");
        }
        length += item.to_string().len() + 1;
        items.push(item);
    }
    json!({ "customer": "Ada Lovelace", "items": items })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_about_as_long_as_wanted() {
        for (_, bytes, _) in SIZES {
            let length = order(bytes).to_string().len();
            assert!((bytes..bytes + 70).contains(&length), "{length} instead of {bytes}");
        }
    }
}
