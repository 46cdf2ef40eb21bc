//! Where things are.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Reads an event, such as `add-defaults/http-empty-object`.
///
/// # Errors
/// When there is none of that name.
pub fn event(name: &str) -> Result<Vec<u8>> {
    let path = root().join("events").join(format!("{name}.json"));
    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}
