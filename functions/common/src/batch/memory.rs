//! The in-memory twin of the visibility of SQS.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Change, Visibility};

/// Remembers what it was asked for, for tests. Clones share one memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryVisibility {
    changes: Arc<Mutex<Vec<(String, u16)>>>,
    is_broken: bool,
}

/// The failure of a [`MemoryVisibility`] that is to fail.
#[derive(Debug, thiserror::Error)]
#[error("visibility is broken")]
pub struct BrokenVisibility;

impl MemoryVisibility {
    /// One that fails each time it is asked.
    #[must_use]
    pub fn broken() -> Self {
        Self { is_broken: true, ..Self::default() }
    }

    /// Receipt handles and seconds, in the order they were asked for.
    #[must_use]
    pub fn changes(&self) -> Vec<(String, u16)> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Visibility for MemoryVisibility {
    type Error = BrokenVisibility;

    async fn change(&self, _: &str, changes: &[Change<'_>]) -> Result<(), BrokenVisibility> {
        if self.is_broken {
            return Err(BrokenVisibility);
        }
        let asked = changes.iter().map(|change| (change.receipt_handle.to_owned(), change.seconds));
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).extend(asked);
        Ok(())
    }
}
