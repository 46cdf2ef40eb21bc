//! What the steps of one run share.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::paths;
use crate::stack::{self, Lease, Stack};

/// The stack of this run, brought up by the first step that needs it.
#[derive(Debug, Default)]
pub(crate) struct Context {
    stack: Option<Lease>,
    has_failed_to_start: bool,
}

impl Context {
    /// A stack of the tests' own: another port and folder than that of `cargo xtask up`, which may
    /// be running.
    ///
    /// # Errors
    ///
    /// If it cannot be brought up, and did not come up for an earlier step either.
    pub(crate) fn stack(&mut self) -> Result<&Stack> {
        if self.has_failed_to_start {
            bail!("the stack did not start, see the earlier step");
        }
        if self.stack.is_none() {
            let dir = paths::test_stack();
            // Left by a run that was killed: the tests want an empty one.
            stack::stop(&dir)?;
            self.has_failed_to_start = true;
            self.stack = Some(stack::bring_up(&dir, Some(stack::any_free_port()?))?);
            self.has_failed_to_start = false;
        }
        match &self.stack {
            Some(lease) => Ok(lease.stack()),
            None => bail!("the stack is gone"),
        }
    }

    /// The stack, to be stopped.
    pub(crate) fn take_stack(&mut self) -> Option<Lease> {
        self.stack.take()
    }

    /// The file that a step's output goes to.
    pub(crate) fn log(name: &str) -> PathBuf {
        paths::test_logs().join(format!("{name}.log"))
    }
}
