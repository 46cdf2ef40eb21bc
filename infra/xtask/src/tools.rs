//! The pinned Python tools of `infra/tools/*.txt`, each set in an environment of its own.
//!
//! A copy of the pins lies in a finished environment. Without an equal copy it is made anew: the
//! pins have changed, or an earlier installation was cut short.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::{paths, step, system};

/// A set of tools that share an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tools {
    /// The local AWS.
    Engine,
    /// The SAM and AWS command lines, cargo-lambda, cfn-lint.
    Cli,
    /// Slow checks: checkov, schemathesis.
    Check,
    /// What looks at pages in a browser: axe-core.
    Browser,
}

impl Tools {
    const fn name(self) -> &'static str {
        match self {
            Self::Engine => "engine",
            Self::Cli => "cli",
            Self::Check => "check",
            Self::Browser => "browser",
        }
    }

    /// The oldest Python its pins work with.
    const fn oldest_python(self) -> (u32, u32) {
        match self {
            Self::Engine | Self::Cli | Self::Browser => (3, 10),
            Self::Check => (3, 11),
        }
    }

    /// The folder of its programs.
    pub(crate) fn bin(self) -> PathBuf {
        paths::tools(self.name()).join("bin")
    }

    /// One of its programs.
    pub(crate) fn program(self, name: &str) -> PathBuf {
        self.bin().join(name)
    }

    /// A file that one of its packages brings, such as `package/data.txt`.
    ///
    /// # Errors
    ///
    /// If it is not there, or the tools are not installed.
    pub(crate) fn file(self, path: &str) -> Result<PathBuf> {
        let program = "import sysconfig; print(sysconfig.get_path('purelib'))";
        let folder = system::version(Command::new(self.program("python")).args(["-c", program]))
            .with_context(|| format!("the {} tools are not installed", self.name()))?;
        let file = Path::new(&folder).join(path);
        ensure!(file.is_file(), "there is no {}", file.display());
        Ok(file)
    }
}

/// Installs the tools, unless they are there.
///
/// # Errors
///
/// If there is no fitting Python, or the installation fails.
pub(crate) fn install(tools: Tools) -> Result<()> {
    let name = tools.name();
    let pins = paths::root().join(format!("infra/tools/{name}.txt"));
    let wanted = fs::read(&pins).with_context(|| format!("cannot read {}", pins.display()))?;
    let environment = paths::tools(name);
    let stamp = environment.join("installed.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) && runs(&tools.program("python"))
    {
        return Ok(());
    }

    let python = find_python(tools.oldest_python())?;
    step::run(
        &format!("preparing the {name} tools"),
        Command::new(python).args(["-m", "venv", "--clear"]).arg(&environment),
        &paths::root().join(format!(".tools/{name}-venv.log")),
    )
    .context("on Debian and Ubuntu, `apt-get install python3-venv` may be all that is missing")?;
    step::run(
        &format!("installing the {name} tools"),
        Command::new(tools.program("python"))
            .args([
                "-m",
                "pip",
                "install",
                "--disable-pip-version-check",
                "--no-input",
                "--no-deps",
            ])
            .args(["--require-hashes", "--requirement"])
            .arg(&pins),
        &paths::root().join(format!(".tools/{name}-pip.log")),
    )?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

/// An environment stops working when the Python it was made with is removed.
fn runs(python: &Path) -> bool {
    Command::new(python).args(["-c", ""]).status().is_ok_and(|status| status.success())
}

/// A Python that is new enough, by preference the one the user calls `python3`.
///
/// # Errors
///
/// If there is none.
pub(crate) fn find_python(oldest: (u32, u32)) -> Result<String> {
    let newest = 14;
    let others = (oldest.1..=newest).rev().map(|minor| format!("python3.{minor}"));
    let mut seen = Vec::new();
    for python in std::iter::once("python3".to_owned()).chain(others) {
        match version(&python) {
            Some(version) if version >= oldest => return Ok(python),
            Some((major, minor)) => seen.push(format!("{python} is {major}.{minor}")),
            None => {}
        }
    }
    let (major, minor) = oldest;
    let seen = if seen.is_empty() { String::new() } else { format!(" ({})", seen.join(", ")) };
    bail!(
        "Python {major}.{minor} or newer is needed{seen}; install it and put it on the PATH as python3"
    )
}

fn version(python: &str) -> Option<(u32, u32)> {
    let program = "import sys; print(*sys.version_info[:2])";
    let output = Command::new(python).args(["-c", program]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
