//! A running copy of the stack: a local AWS, with everything of the template deployed to it.

mod deploy;
mod engine;
mod environment;
pub(crate) mod logs;
mod port;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Result, bail};

pub(crate) use deploy::{WEBHOOKS, architecture};
pub(crate) use engine::Stopped;
pub(crate) use environment::{MISLEADING, quoted};
pub(crate) use port::any_free as any_free_port;

use crate::code::{self, Executable};
use crate::progress::note;
use crate::template::{self, Function};
use crate::tools::{self, Tools};
use crate::{paths, signals};

/// The name `sam` knows the stack by.
pub(crate) const NAME: &str = "faas-patterns";

/// The region the local AWS plays.
pub(crate) const REGION: &str = "us-east-1";

/// The API of the template that the public calls.
pub(crate) const PUBLIC_API: &str = "HttpApi";

/// A stack whose local AWS runs.
#[derive(Debug, Clone)]
pub(crate) struct Stack {
    dir: PathBuf,
    port: u16,
}

impl Stack {
    /// The stack with its state in `dir`, if its local AWS runs.
    pub(crate) fn running(dir: &Path) -> Option<Self> {
        engine::running(dir).map(|engine| Self { dir: dir.to_owned(), port: engine.port })
    }

    /// Whether its local AWS still runs.
    pub(crate) fn is_running(&self) -> bool {
        engine::running(&self.dir).is_some_and(|engine| engine.port == self.port)
    }

    /// Where AWS is.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where an API of the template answers, without a slash at the end.
    pub(crate) fn api_url(&self, logical_id: &str) -> String {
        format!("{}/_aws/execute-api/{}/$default", self.endpoint(), api_id(logical_id))
    }

    /// Where an API of the template answers by a host of its own, as pages need it.
    pub(crate) fn page_url(&self, logical_id: &str) -> String {
        format!("http://{}:{}", api_host(logical_id), self.port)
    }

    fn logs(&self) -> PathBuf {
        self.dir.join("logs")
    }
}

/// The host by which a browser reaches an API of the template, without the port.
pub(crate) fn api_host(logical_id: &str) -> String {
    format!("{}.execute-api.localhost", api_id(logical_id))
}

/// The local AWS gives APIs ids that are known before they are deployed
/// (`infra/local/patches/api_ids.py`).
fn api_id(logical_id: &str) -> String {
    const LONGEST: usize = 63;
    let mut id: String = [NAME, logical_id].concat().to_lowercase();
    id.retain(|c| c.is_ascii_alphanumeric());
    id.split_off(id.len().saturating_sub(LONGEST))
}

/// A stack that was brought up. Dropping it stops it, unless it is to be kept.
#[derive(Debug)]
pub(crate) struct Lease {
    stack: Stack,
    stops_on_drop: bool,
}

impl Lease {
    /// The stack.
    pub(crate) fn stack(&self) -> &Stack {
        &self.stack
    }

    /// Leaves the stack running.
    pub(crate) fn keep(mut self) {
        self.stops_on_drop = false;
    }

    /// Makes sure that dropping it stops the stack, also if another command had started it.
    pub(crate) fn stop_on_drop(&mut self) {
        self.stops_on_drop = true;
    }

    /// Stops the stack.
    ///
    /// # Errors
    ///
    /// If something of it is left.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.stops_on_drop = false;
        stop(&self.stack.dir).map(drop)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.stops_on_drop {
            return;
        }
        if let Err(error) = stop(&self.stack.dir) {
            note(&format!("error: {error:#}"));
        }
    }
}

/// Builds the functions, starts the local AWS if it does not run, and deploys what changed.
///
/// # Errors
///
/// If a step fails. What this call started is stopped then.
pub(crate) fn bring_up(dir: &Path, port: Option<u16>) -> Result<Lease> {
    fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let _lock = lock(dir)?;
    let port = early_port(dir, port)?;

    let source =
        fs::read_to_string(paths::template()).context("cannot read infra/template.yaml")?;
    let functions = template::functions(&source)?;
    let logs = dir.join("logs");
    code::pack(&build_and_install(&functions, &logs)?, &logs)?;

    signals::check()?;
    let (engine, is_new) = engine::ensure(dir, port)?;
    let stack = Stack { dir: dir.to_owned(), port: engine.port };
    let lease = Lease { stack, stops_on_drop: is_new };
    environment::write_aws_command(&lease.stack)?;
    deploy::deploy(&lease.stack, &engine, &source, &functions)?;
    deploy::wait_until_ready(&lease.stack)?;
    Ok(lease)
}

/// Stops the stack with its state in `dir`, and everything it started.
///
/// # Errors
///
/// If something of it is left.
pub(crate) fn stop(dir: &Path) -> Result<Stopped> {
    engine::stop(dir)
}

/// Builds the functions and installs the tools, side by side: on a new machine the one keeps the
/// processors busy for minutes, and the other the network.
fn build_and_install(functions: &[Function], logs: &Path) -> Result<Vec<Executable>> {
    thread::scope(|scope| {
        let installations =
            [Tools::Engine, Tools::Cli].map(|tools| scope.spawn(move || tools::install(tools)));
        let executables = code::build(functions, logs);
        for installation in installations {
            match installation.join() {
                Ok(result) => result?,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        executables
    })
}

/// Looks at the port that was asked for before minutes are spent on building.
fn early_port(dir: &Path, asked: Option<u16>) -> Result<Option<u16>> {
    match (Stack::running(dir), asked) {
        (Some(stack), Some(asked)) if stack.port != asked => bail!(
            "the stack already runs on port {}; stop it with `cargo xtask down`, \
             or leave out --port to update it",
            stack.port
        ),
        (None, Some(asked)) => port::choose(Some(asked)).map(Some),
        _ => Ok(asked),
    }
}

/// Two deployments at once would write the same files.
fn lock(dir: &Path) -> Result<File> {
    let path = dir.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!("another `cargo xtask` is just deploying this stack; try again when it is done")
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_an_api_is_known_before_it_is_deployed() {
        let stack = Stack { dir: PathBuf::new(), port: 4566 };
        assert_eq!(
            stack.api_url("UpstreamApi"),
            "http://127.0.0.1:4566/_aws/execute-api/faaspatternsupstreamapi/$default"
        );
        assert_eq!(api_host("HttpApi"), "faaspatternshttpapi.execute-api.localhost");
        let long = stack.api_url(&"x".repeat(80));
        assert!(long.contains(&format!("/{}/", "x".repeat(63))), "{long}");
    }
}
