//! How large code is when it is packed for Lambda.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Headers of a file and of its entry in the directory, without their names.
const ENTRY: usize = 30 + 46;
/// The end of the directory.
const END: usize = 22;

/// Bytes of a zip of this file or folder, compressed as `sam` does it: deflate, level 6.
///
/// # Errors
/// When something cannot be read.
pub fn zip_size(path: &Path) -> Result<usize> {
    Ok(entries_size(path)? + END)
}

/// Bytes of a zip of several files and folders.
///
/// # Errors
/// When something cannot be read.
pub fn zip_size_of_all<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Result<usize> {
    paths.into_iter().map(entries_size).sum::<Result<usize>>().map(|entries| entries + END)
}

fn entries_size(path: &Path) -> Result<usize> {
    let read = || format!("cannot read {}", path.display());
    if path.file_name().is_some_and(|name| name == "__pycache__") {
        return Ok(0);
    }
    if path.is_dir() {
        return fs::read_dir(path)
            .with_context(read)?
            .map(|entry| entries_size(&entry?.path()))
            .sum();
    }
    let content = fs::read(path).with_context(read)?;
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(&content)?;
    Ok(encoder.finish()?.len() + ENTRY + 2 * path.as_os_str().len())
}
