//! Counts the instructions of a function's start and of its invocations.
//!
//! The same function is run several times, with no, one and more invocations; differences of the
//! totals are what the parts cost. Unlike times, these repeat to a per cent on any machine.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::function::{Function, Launch};

/// Millions of instructions are the unit people speak of.
const MILLION: f64 = 1e6;

/// Instructions of the parts of a function's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instructions {
    /// From the start of the process to its first question for an event.
    pub init: u64,
    /// The first invocation.
    pub first: u64,
    /// A later invocation, on average.
    pub warm: u64,
}

impl Instructions {
    /// The parts in millions, in the order of a function's life.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub fn in_millions(self) -> [f64; 3] {
        [self.init, self.first, self.warm].map(|count| count as f64 / MILLION)
    }
}

/// Fails with what to do when valgrind is missing.
///
/// # Errors
/// When it is.
pub fn require_valgrind() -> Result<()> {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    ensure!(
        version.is_ok_and(|status| status.success()),
        "valgrind is needed to count instructions: `apt-get install valgrind`, `dnf install valgrind`"
    );
    Ok(())
}

/// Counts the instructions of a function that is given the same event again and again.
///
/// # Errors
/// When valgrind is missing or the function fails.
pub fn count(launch: &Launch, event: &[u8], warm: u64, folder: &Path) -> Result<Instructions> {
    let init = total(launch, event, 0, folder)?;
    let with_first = total(launch, event, 1, folder)?;
    let with_warm = total(launch, event, 1 + warm, folder)?;
    Ok(Instructions {
        init,
        first: with_first.saturating_sub(init),
        warm: with_warm.saturating_sub(with_first) / warm.max(1),
    })
}

/// All instructions of a function that is started, invoked and ended. The profile stays in
/// `folder`, for `callgrind_annotate`.
///
/// # Errors
/// When valgrind is missing or the function fails.
pub fn total(launch: &Launch, event: &[u8], invocations: u64, folder: &Path) -> Result<u64> {
    require_valgrind()?;
    let profile = profile(launch, invocations, folder)?;
    let mut file = OsString::from("--callgrind-out-file=");
    file.push(&profile);
    let arguments = ["--tool=callgrind".into(), file];
    let mut function = Function::start(&launch.under(Path::new("valgrind"), &arguments))?;
    for _ in 0..invocations {
        function.invoke(event)?;
    }
    function.stop()?;
    read_total(&profile)
}

/// All instructions of a program that ends by itself. The profile stays in the file `profile`.
///
/// # Errors
/// When valgrind is missing or the program fails.
pub fn total_of_program(command: &Command, profile: &Path) -> Result<u64> {
    require_valgrind()?;
    let mut file = OsString::from("--callgrind-out-file=");
    file.push(profile);
    let mut valgrind = Command::new("valgrind");
    valgrind.arg("--tool=callgrind").arg(file).arg(command.get_program()).args(command.get_args());
    let output = valgrind.output().context("cannot start valgrind")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    read_total(profile)
}

fn read_total(profile: &Path) -> Result<u64> {
    let text = fs::read_to_string(profile)
        .with_context(|| format!("valgrind left no {}", profile.display()))?;
    let total = text.lines().find_map(|line| {
        line.strip_prefix("totals: ")
            .or_else(|| line.strip_prefix("summary: "))?
            .trim()
            .parse()
            .ok()
    });
    total.context("a profile has a total")
}

fn profile(launch: &Launch, invocations: u64, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let name = launch.program.file_name().context("a program has a name")?.display();
    Ok(folder.join(format!("{name}-{invocations}.callgrind")))
}
