//! Builds the functions for this machine and packs them for deployment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::template::Function;
use crate::tools::Tools;
use crate::{paths, step};

const PACK: &str = include_str!("pack.py");

/// Where the packed code of a function lies.
pub(crate) fn package(function: &Function) -> PathBuf {
    folder(function).join("function.zip")
}

fn folder(function: &Function) -> PathBuf {
    paths::code().join(&function.binary)
}

/// The `cargo` that runs us.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(paths::root());
    command
}

/// A function's executable, as cargo left it.
#[derive(Debug)]
pub(crate) struct Executable {
    function: Function,
    path: PathBuf,
}

/// Builds all functions.
///
/// # Errors
///
/// If one does not compile.
pub(crate) fn build(functions: &[Function], logs: &Path) -> Result<Vec<Executable>> {
    let artifacts = logs.join("build.json");
    let mut command = cargo();
    command.args(["build", "--message-format=json-render-diagnostics"]);
    for function in functions {
        command.args(["--package", &function.binary]);
    }
    let label = format!("building {}", count(functions.len()));
    step::run_with_output(&label, &mut command, &logs.join("build.log"), &artifacts)?;
    let artifacts = fs::read_to_string(&artifacts).context("cannot read what cargo built")?;
    functions
        .iter()
        .map(|function| {
            let path = executable(&artifacts, &function.binary)
                .with_context(|| format!("package {0} has no binary named {0}", function.binary))?;
            Ok(Executable { function: function.clone(), path })
        })
        .collect()
}

/// Packs the executables that have changed since they were last packed.
///
/// # Errors
///
/// If a file cannot be written.
pub(crate) fn pack(executables: &[Executable], logs: &Path) -> Result<()> {
    let mut changed = Vec::new();
    for Executable { function, path } in executables {
        let identity = identity(path)?;
        let folder = folder(function);
        let stamp = folder.join("source");
        let is_packed = fs::read_to_string(&stamp).is_ok_and(|packed| packed == identity);
        if !is_packed || !package(function).is_file() {
            fs::create_dir_all(&folder)
                .with_context(|| format!("cannot create {}", folder.display()))?;
            place(path, &folder.join("bootstrap"))?;
            changed.push((folder, stamp, identity));
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    let mut pack = Command::new(Tools::Engine.program("python"));
    pack.args(["-c", PACK]).args(changed.iter().map(|(folder, ..)| folder));
    let label = format!("packing {}", count(changed.len()));
    step::run(&label, &mut pack, &logs.join("pack.log"))?;
    for (_, stamp, identity) in changed {
        fs::write(&stamp, identity).with_context(|| format!("cannot write {}", stamp.display()))?;
    }
    Ok(())
}

fn count(functions: usize) -> String {
    if functions == 1 { "1 function".to_owned() } else { format!("{functions} functions") }
}

/// What tells one state of a file from another, without reading all of it.
pub(crate) fn identity(file: &Path) -> Result<String> {
    let metadata = fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?;
    let changed = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} bytes, {} ns", metadata.len(), changed.as_nanos()))
}

/// The path that cargo named for the binary of a package.
fn executable(artifacts: &str, binary: &str) -> Option<PathBuf> {
    artifacts.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(
        |message| {
            let is_wanted = message["reason"] == "compiler-artifact"
                && message["target"]["name"] == binary
                && message["target"]["kind"][0] == "bin";
            is_wanted.then(|| message["executable"].as_str().map(PathBuf::from)).flatten()
        },
    )
}

/// Copies the executable without its debug information, a fifth of it that is read by nobody here.
/// Function names stay, for backtraces.
fn place(executable: &Path, bootstrap: &Path) -> Result<()> {
    let new = bootstrap.with_extension("new");
    let mut strip = Command::new("strip");
    let stripped = strip.arg("-S").arg("-o").arg(&new).arg(executable).output();
    if !stripped.is_ok_and(|output| output.status.success()) {
        fs::copy(executable, &new).with_context(|| format!("cannot write {}", new.display()))?;
    }
    fs::rename(&new, bootstrap).with_context(|| format!("cannot write {}", bootstrap.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_found_among_cargos_messages() {
        let artifacts = r#"
{"reason":"compiler-artifact","target":{"name":"one","kind":["lib"]},"executable":null}
{"reason":"compiler-artifact","target":{"name":"one","kind":["bin"]},"executable":"/target/debug/one"}
{"reason":"build-finished","success":true}
"#;
        assert_eq!(executable(artifacts, "one"), Some(PathBuf::from("/target/debug/one")));
        assert_eq!(executable(artifacts, "two"), None);
    }
}
