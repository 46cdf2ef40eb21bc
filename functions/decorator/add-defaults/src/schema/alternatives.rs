//! `anyOf` and `oneOf`: how many branches does a value satisfy?

use super::check::{Check, Mode, Scope};
use super::choose;
use super::node::{Choice, NodeId};
use super::pointer::Path;
use serde_json::Value;

impl Check<'_> {
    pub(super) fn any_of(
        &mut self,
        id: NodeId,
        choice: &Choice,
        value: &Value,
        path: &Path<'_>,
        scope: &Scope<'_>,
    ) -> bool {
        let mode = self.branch_mode();
        choice.branches.iter().any(|branch| self.ask(mode, *branch, value, path, scope))
            || self.no_branch(id, "anyOf", choice, value, path, scope)
    }

    pub(super) fn one_of(
        &mut self,
        id: NodeId,
        choice: &Choice,
        value: &Value,
        path: &Path<'_>,
        scope: &Scope<'_>,
    ) -> bool {
        let mode = self.branch_mode();
        let mut matching = 0_usize;
        for branch in &choice.branches {
            matching += usize::from(self.ask(mode, *branch, value, path, scope));
            match (mode, matching) {
                // More may be possible before the defaults are there than after.
                (Mode::Possible, 1) => return true,
                (_, 2) if self.mode != Mode::Collect => return false,
                _ => {}
            }
        }
        match matching {
            0 => self.no_branch(id, "oneOf", choice, value, path, scope),
            1 => true,
            several => self.fail(id, "oneOf", path, || {
                format!(
                    "must match exactly one alternative, but matches {several} of {}",
                    choice.branches.len()
                )
            }),
        }
    }

    /// No alternative matches. If the data names one, what it lacks says more than that.
    fn no_branch(
        &mut self,
        id: NodeId,
        keyword: &'static str,
        choice: &Choice,
        value: &Value,
        path: &Path<'_>,
        scope: &Scope<'_>,
    ) -> bool {
        if self.mode == Mode::Collect
            && let Some(branch) = choose::named(self.nodes, choice, value)
        {
            return self.node(branch, value, path, &scope.branch(branch));
        }
        self.fail(id, keyword, path, || {
            format!("must match one of {} alternatives", choice.branches.len())
        })
    }
}
