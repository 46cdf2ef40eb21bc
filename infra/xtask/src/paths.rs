//! Where things are.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
});

/// The repository.
pub(crate) fn root() -> &'static Path {
    &ROOT
}

/// What runs on AWS, and here.
pub(crate) fn template() -> PathBuf {
    root().join("infra/template.yaml")
}

/// The Python environment `name`, made from `infra/tools/<name>.txt`.
pub(crate) fn tools(name: &str) -> PathBuf {
    root().join(".tools").join(name)
}

/// State, logs and template of the stack that `up` runs.
pub(crate) fn local_stack() -> PathBuf {
    root().join("target/local")
}

/// State, logs and template of the stack that the tests start for themselves.
pub(crate) fn test_stack() -> PathBuf {
    root().join("target/e2e")
}

/// The built functions, one folder each. All stacks share them.
pub(crate) fn code() -> PathBuf {
    root().join("target/local/lambda")
}

/// What the steps of `test` print.
pub(crate) fn test_logs() -> PathBuf {
    root().join("target/test-logs")
}
