//! Programs of the system, which its package manager installs and we do not.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail, ensure};
use rustix::process::geteuid;

use crate::step;

/// The names that Chromium goes by.
pub(crate) const CHROMIUM: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The path of a program, if it is installed.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The first line a program prints about itself; nothing if it does not run.
pub(crate) fn version(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().next().map(|line| line.trim().to_owned())
}

/// How to get a program, for a message.
pub(crate) fn advice(package: &str) -> String {
    if cfg!(target_os = "macos") {
        format!("install it, for instance with `brew install {package}`")
    } else {
        format!("install it, on Debian and Ubuntu with `apt-get install {package}`")
    }
}

/// Makes sure that a program is there, by one of its names. Installs its package where that is
/// possible unasked, as root on Debian and Ubuntu.
///
/// # Errors
///
/// If it is missing and cannot be installed.
pub(crate) fn ensure(names: &[&str], package: &str, log: &Path) -> Result<()> {
    let is_there = || names.iter().any(|name| find(name).is_some());
    if is_there() {
        return Ok(());
    }
    if !geteuid().is_root() || find("apt-get").is_none() {
        bail!("{} is missing; {}", names.join(" or "), advice(package));
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    step::run("reading the lists of packages", &mut apt(&["update", "--quiet"]), log)?;
    let mut install = apt(&["install", "--quiet", "--yes", "--no-install-recommends", package]);
    step::run(&format!("installing {package}"), &mut install, log)?;
    ensure!(is_there(), "{package} is installed, but brought no {}", names.join(" or "));
    Ok(())
}
