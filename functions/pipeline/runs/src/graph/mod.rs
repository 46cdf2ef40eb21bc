//! The picture of a run: its steps and which waits for which.

mod draw;
mod layout;

pub(crate) use draw::picture;

/// That a step waits for another, by their places in a list in which each comes after those it
/// waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    /// The one that is waited for.
    pub(crate) from: usize,
    /// The one that waits.
    pub(crate) to: usize,
    /// It waits for its failure.
    pub(crate) is_for_failure: bool,
}
