//! The process that plays AWS: starting it, finding it again, stopping it.
//!
//! It leads a process group, in which the processes of the functions are too. A file in the stack's
//! folder says which process it is, for the commands that come later.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::port;
use crate::process::{self, Process};
use crate::progress::{Progress, note};
use crate::tools::Tools;
use crate::{http, paths, signals, step};

/// It is ready in 1 to 2 seconds; a busy machine takes longer.
const START_LIMIT: Duration = Duration::from_secs(60);
/// It ends its functions first.
const STOP_LIMIT: Duration = Duration::from_secs(15);
const KILL_LIMIT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(100);

/// A local AWS that was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Engine {
    /// Its process, which leads a group of the same number.
    pub(crate) pid: i32,
    /// Where it listens on the loopback interface.
    pub(crate) port: u16,
}

/// What [`stop`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// It ran, and was stopped.
    Running,
    /// It had ended without being asked to; what it left behind is gone now.
    Crashed,
    /// There was nothing.
    Nothing,
}

/// The engine of the stack in `dir`, if it runs.
pub(crate) fn running(dir: &Path) -> Option<Engine> {
    let engine = recorded(dir)?;
    engine.process().is_some().then_some(engine)
}

/// The engine of the stack in `dir`, started if need be, and whether it was.
///
/// # Errors
///
/// If its port is taken, or it does not start.
pub(crate) fn ensure(dir: &Path, asked: Option<u16>) -> Result<(Engine, bool)> {
    if let Some(engine) = running(dir) {
        if engine.is_healthy() {
            return Ok((engine, false));
        }
        note("the local AWS of this stack does not answer any more; starting it anew");
    }
    // Also what a crashed one left.
    stop(dir)?;
    Ok((start(dir, port::choose(asked)?)?, true))
}

/// Stops the engine of the stack in `dir` and its functions.
///
/// # Errors
///
/// If a process of it is left.
pub(crate) fn stop(dir: &Path) -> Result<Stopped> {
    let Some(engine) = recorded(dir) else { return Ok(Stopped::Nothing) };
    let found = match engine.process() {
        Some(process) => {
            process.terminate();
            process::wait_until(STOP_LIMIT, || engine.process().is_none());
            Stopped::Running
        }
        None => Stopped::Crashed,
    };
    for process in engine.left() {
        process.kill();
    }
    process::wait_until(KILL_LIMIT, || engine.left().is_empty());
    let left: Vec<String> = engine.left().iter().map(|process| process.pid.to_string()).collect();
    ensure!(left.is_empty(), "cannot stop these processes of the stack: {}", left.join(", "));
    for file in [state_file(dir), super::deploy::record_file(dir)] {
        if file.exists() {
            fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        }
    }
    Ok(found)
}

fn start(dir: &Path, port: u16) -> Result<Engine> {
    let mut progress = Progress::start(&format!("starting a local AWS on port {port}"));
    let log = log_file(dir);
    let output = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
    let errors = output.try_clone().context("cannot share the log file")?;
    let mut child = Command::new(Tools::Engine.program("python"))
        .arg(launcher())
        .args(["--port", &port.to_string()])
        .env("PYTHONUNBUFFERED", "1")
        // Functions run under the policies of the template, so a missing permission shows here.
        .env("AUTH", "true")
        .current_dir(paths::root())
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .process_group(0)
        .spawn()
        .context("cannot start the local AWS")?;
    let engine =
        Engine { pid: i32::try_from(child.id()).context("the process id is too large")?, port };
    let started = engine
        .record(dir)
        .and_then(|()| engine.wait_until_healthy(&mut child, &log, &mut progress));
    match started {
        Ok(()) => {
            progress.done();
            Ok(engine)
        }
        Err(error) => {
            progress.failed();
            // A child that has ended stays listed until it is waited for.
            let _ = child.kill();
            let _ = child.wait();
            stop(dir)?;
            Err(error)
        }
    }
}

impl Engine {
    fn record(self, dir: &Path) -> Result<()> {
        let file = state_file(dir);
        fs::write(&file, json!({ "pid": self.pid, "port": self.port }).to_string())
            .with_context(|| format!("cannot write {}", file.display()))
    }

    /// Its process. Process ids are used again, so the command line must be its own too.
    fn process(self) -> Option<Process> {
        let port = format!("--port {}", self.port);
        process::find(self.pid).filter(|process| {
            process.command.contains(&launcher().display().to_string())
                && process.command.trim_end().ends_with(&port)
        })
    }

    /// What is left of it and its functions. The group exists as long as one of them does, so its
    /// number cannot have gone to somebody else.
    fn left(self) -> Vec<Process> {
        let own =
            [format!("ministack-provided-code-{}/", self.port), launcher().display().to_string()];
        process::all()
            .into_iter()
            .filter(|process| own.iter().any(|mark| process.command.contains(mark)))
            .filter(|process| process.is_in_group_of(self.pid))
            .collect()
    }

    fn is_healthy(self) -> bool {
        let url = format!("http://127.0.0.1:{}/_ministack/health", self.port);
        http::get(&url, Duration::from_secs(5)).is_ok_and(|answer| answer.status == 200)
    }

    fn wait_until_healthy(
        self,
        child: &mut Child,
        log: &Path,
        progress: &mut Progress,
    ) -> Result<()> {
        let asked = Instant::now();
        while !self.is_healthy() {
            signals::check()?;
            if let Some(status) = child.try_wait()? {
                bail!(
                    "the local AWS ended ({status}):\n\n{}\n\nfull log: {}",
                    step::tail(log, 20),
                    log.display()
                );
            }
            if asked.elapsed() > START_LIMIT {
                bail!("the local AWS does not answer; its log is {}", log.display());
            }
            progress.tick(String::new);
            sleep(POLL);
        }
        Ok(())
    }
}

fn launcher() -> PathBuf {
    paths::root().join("infra/local/launcher.py")
}

/// What the engine prints.
pub(crate) fn log_file(dir: &Path) -> PathBuf {
    dir.join("engine.log")
}

fn state_file(dir: &Path) -> PathBuf {
    dir.join("state.json")
}

fn recorded(dir: &Path) -> Option<Engine> {
    let state: Value = serde_json::from_slice(&fs::read(state_file(dir)).ok()?).ok()?;
    let pid = i32::try_from(state["pid"].as_i64()?).ok()?;
    let port = u16::try_from(state["port"].as_u64()?).ok()?;
    Some(Engine { pid, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dir(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("xtask-engine-{}-{name}", std::process::id()));
        fs::create_dir_all(&dir).expect("the folder can be made");
        dir
    }

    #[test]
    fn a_process_that_only_has_the_same_number_is_left_alone() {
        let dir = dir("reused");
        let me = i32::try_from(std::process::id()).expect("ids are small");
        Engine { pid: me, port: 1 }.record(&dir).expect("it can be written");
        assert_eq!(running(&dir), None);
        assert_eq!(stop(&dir).expect("there is nothing to stop"), Stopped::Crashed);
        assert_eq!(stop(&dir).expect("there is nothing to stop"), Stopped::Nothing);
    }

    #[test]
    fn an_unreadable_state_is_no_state() {
        let dir = dir("broken");
        fs::write(state_file(&dir), "{").expect("it can be written");
        assert_eq!(running(&dir), None);
        assert_eq!(stop(&dir).expect("there is nothing to stop"), Stopped::Nothing);
    }
}
