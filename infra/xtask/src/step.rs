//! Runs a program as a step: its output goes to a log file, its progress to the screen.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::Group;
use crate::progress::Progress;
use crate::signals::{self, Interrupted};

const POLL: Duration = Duration::from_millis(50);
/// Lines of a failed step's output that are shown.
const SHOWN_LINES: usize = 40;
/// No program worth showing writes longer last lines than this.
const TAIL_BYTES: u64 = 32 * 1024;

/// Runs `command` to its end, with both its outputs in the file `log`.
///
/// # Errors
///
/// If it cannot be started, fails (with the end of its output), or the user interrupts it.
pub(crate) fn run(label: &str, command: &mut Command, log: &Path) -> Result<()> {
    let output = create(log)?;
    let errors = output.try_clone().context("cannot share the log file")?;
    run_logged(label, command.stdout(output).stderr(errors), log)
}

/// As [`run`], with standard output in a file of its own, to be read by the caller.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn run_with_output(
    label: &str,
    command: &mut Command,
    log: &Path,
    output: &Path,
) -> Result<()> {
    let errors = create(log)?;
    run_logged(label, command.stdout(create(output)?).stderr(errors), log)
}

fn run_logged(label: &str, command: &mut Command, log: &Path) -> Result<()> {
    signals::check()?;
    let mut progress = Progress::start(label);
    // In a group of its own: Ctrl-C reaches only us, and we stop all of it.
    let child = command.stdin(Stdio::null()).process_group(0).spawn().with_context(|| {
        format!(
            "cannot start {}; `cargo xtask doctor` says what is missing",
            command.get_program().display()
        )
    })?;
    let mut group = Group::new(child);
    let status = loop {
        if let Some(status) = group.try_wait()? {
            break status;
        }
        if signals::interrupted() {
            progress.stopped();
            return Err(Interrupted.into());
        }
        progress.tick(|| tail(log, 1));
        sleep(POLL);
    };
    if status.success() {
        progress.done();
        return Ok(());
    }
    progress.failed();
    bail!("{label} failed ({status})\n\n{}\n\nfull log: {}", tail(log, SHOWN_LINES), log.display())
}

fn create(file: &Path) -> Result<File> {
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent)
            .with_context(|| format!("cannot create {}", parent.display()))?;
    }
    File::create(file).with_context(|| format!("cannot write {}", file.display()))
}

/// The last `lines` lines of a file that are not empty; nothing if it cannot be read.
pub(crate) fn tail(file: &Path, lines: usize) -> String {
    let mut bytes = Vec::new();
    if let Ok(mut file) = File::open(file) {
        let length = file.metadata().map_or(0, |metadata| metadata.len());
        let _ = file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)));
        let _ = file.read_to_end(&mut bytes);
    }
    let text = String::from_utf8_lossy(&bytes);
    let kept: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    kept[kept.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(name: &str) -> std::path::PathBuf {
        std::env::temp_dir().join(format!("xtask-step-{}-{name}", std::process::id()))
    }

    #[test]
    fn a_failed_step_shows_the_end_of_its_output_and_names_the_log() {
        let log = log("failed");
        let mut command = Command::new("sh");
        let error = run("trying", command.args(["-c", "echo one; echo two >&2; exit 3"]), &log)
            .expect_err("the step fails")
            .to_string();
        assert!(error.contains("one\ntwo"), "{error}");
        assert!(error.contains(&log.display().to_string()), "{error}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run("trying", &mut Command::new("no-such-program"), &log("missing"))
            .expect_err("there is no such program")
            .to_string();
        assert!(error.contains("no-such-program"), "{error}");
    }

    #[test]
    fn the_tail_skips_empty_lines() {
        let log = log("tail");
        std::fs::write(&log, "a\nb\n\nc\n\n").expect("the file can be written");
        assert_eq!(tail(&log, 2), "b\nc");
        assert_eq!(tail(&log, 9), "a\nb\nc");
        assert_eq!(tail(Path::new("/no/such/file"), 9), "");
    }
}
