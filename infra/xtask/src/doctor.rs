//! `cargo xtask doctor`: what is missing on this machine.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::{code, paths, system, tools};

/// What something is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Nothing works without it.
    Everything,
    /// Some steps of `cargo xtask test` fail without it.
    Tests,
}

/// One thing to look at: what it is, and what was found, or else how to get it.
struct Check {
    what: String,
    need: Need,
    found: Result<String, String>,
}

/// Looks at everything the other commands need and do not bring themselves.
///
/// # Errors
///
/// If the pinned Rust version cannot be read.
pub(crate) fn run() -> Result<ExitCode> {
    let mut is_ready = true;
    for check in checks()? {
        let (mark, text) = match (&check.found, check.need) {
            (Ok(found), _) => ("ok     ", found.clone()),
            (Err(advice), Need::Everything) => {
                is_ready = false;
                ("MISSING", advice.clone())
            }
            (Err(advice), Need::Tests) => ("absent ", format!("only tests need it; {advice}")),
        };
        println!("{mark}  {:<22}  {text}", check.what);
    }
    println!();
    if is_ready {
        println!("`cargo xtask up` can run");
        return Ok(ExitCode::SUCCESS);
    }
    println!("`cargo xtask up` cannot run before what is MISSING is installed");
    Ok(ExitCode::FAILURE)
}

fn checks() -> Result<Vec<Check>> {
    Ok(vec![
        rust()?,
        component("rustfmt", "fmt"),
        component("clippy", "clippy"),
        program("C compiler, linker", Need::Everything, &["cc"], "gcc libc6-dev"),
        python((3, 10), Need::Everything),
        python((3, 11), Need::Tests),
        program("valgrind", Need::Tests, &["valgrind"], "valgrind"),
        program("Chromium", Need::Tests, &system::CHROMIUM, "chromium"),
        program("chromedriver", Need::Tests, &["chromedriver"], "chromium-driver"),
    ])
}

fn rust() -> Result<Check> {
    let pins = paths::root().join("rust-toolchain.toml");
    let pins = std::fs::read_to_string(&pins).context("cannot read rust-toolchain.toml")?;
    let wanted = channel(&pins).context("rust-toolchain.toml names no channel")?;
    let version =
        system::version(Command::new("rustc").arg("--version").current_dir(paths::root()));
    let found = match version {
        Some(version) if version.starts_with(&format!("rustc {wanted}")) => Ok(version),
        Some(version) => Err(format!("this is {version}; `rustup toolchain install {wanted}`")),
        None => Err(format!(
            "get rustup from https://rustup.rs, then `rustup toolchain install {wanted}`"
        )),
    };
    Ok(Check { what: format!("Rust {wanted}"), need: Need::Everything, found })
}

fn channel(pins: &str) -> Option<&str> {
    pins.lines().find_map(|line| line.strip_prefix("channel")?.split('"').nth(1))
}

fn component(name: &str, command: &str) -> Check {
    let found = system::version(code::cargo().args([command, "--version"]))
        .ok_or_else(|| format!("`rustup component add {name}`"));
    Check { what: name.to_owned(), need: Need::Tests, found }
}

fn program(what: &str, need: Need, names: &[&str], package: &str) -> Check {
    let found = names
        .iter()
        .find_map(|name| system::find(name))
        .map(|path| path.display().to_string())
        .ok_or_else(|| system::advice(package));
    Check { what: what.to_owned(), need, found }
}

fn python(oldest: (u32, u32), need: Need) -> Check {
    let found = tools::find_python(oldest).map_err(|error| error.to_string()).and_then(|python| {
        let has_venv =
            "import sys, venv, ensurepip; print('Python', sys.version.split()[0], 'with venv')";
        system::version(Command::new(&python).args(["-c", has_venv]))
            .ok_or_else(|| format!("{python} lacks venv; {}", system::advice("python3-venv")))
    });
    Check { what: format!("Python >= {}.{}", oldest.0, oldest.1), need, found }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pinned_channel_is_found() {
        assert_eq!(channel("[toolchain]\nchannel = \"1.95.0\"\n"), Some("1.95.0"));
        assert_eq!(channel("[toolchain]\n"), None);
    }
}
