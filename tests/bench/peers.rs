//! Builds and installs what is measured.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ::tests::cargo;
use ::tests::files::root;
use anyhow::{Context as _, Result, bail, ensure};

use crate::contestants::folder;

/// The functions, each built alone.
const FUNCTIONS: [&str; 4] = ["add-defaults", "widget-api", "login", "two-factor"];
/// Bundles of Node functions.
const BUNDLES: [&str; 3] = ["hello", "proxy", "widgets"];
/// Old `CommonJS` libraries in a bundle of modules look for this.
const REQUIRE: &str = "import{createRequire}from'node:module';\
                       const require=createRequire(import.meta.url);";

/// Where everything is.
pub(crate) struct Peers {
    /// Programs by name.
    pub(crate) native: BTreeMap<String, PathBuf>,
    pub(crate) python: PathBuf,
    pub(crate) python_libraries: PathBuf,
    pub(crate) node: PathBuf,
    pub(crate) node_bundles: PathBuf,
}

impl Peers {
    /// Builds and installs them all.
    ///
    /// # Errors
    /// When a tool is missing or fails.
    pub(crate) fn prepare() -> Result<Self> {
        let mut native = BTreeMap::new();
        for function in FUNCTIONS {
            native.insert(function.to_owned(), cargo::function(function)?);
        }
        let peers = cargo::release("bench-peers", &[])?;
        let fill = cargo::release("bench-peers", &["--features", "fill", "--bin", "fill"])?;
        native.extend(peers.into_iter().chain(fill).map(|program| (program.name, program.path)));
        let python = install_python()?;
        let python_libraries = python_libraries(&python)?;
        let node = find_program("node")?;
        let node_bundles = install_node()?;
        Ok(Self { native, python, python_libraries, node, node_bundles })
    }

    /// One of our own programs.
    ///
    /// # Errors
    /// When there is none of that name.
    pub(crate) fn program(&self, name: &str) -> Result<&Path> {
        self.native.get(name).map(PathBuf::as_path).with_context(|| format!("no {name}"))
    }
}

/// Makes an environment of the pinned packages, unless there is one of the same pins.
fn install_python() -> Result<PathBuf> {
    let pins = root().join("infra/tools/bench.txt");
    let wanted = fs::read(&pins).with_context(|| format!("cannot read {}", pins.display()))?;
    let environment = root().join(".tools/bench");
    let python = environment.join("bin/python");
    let stamp = environment.join("installed.txt");
    let is_there = fs::read(&stamp).is_ok_and(|installed| installed == wanted);
    if is_there && run(Command::new(&python).args(["-c", ""])).is_ok() {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]);
    run(pip.args(["--no-deps", "--require-hashes", "--requirement"]).arg(&pins))?;
    fs::write(&stamp, wanted)?;
    Ok(python)
}

fn python_libraries(python: &Path) -> Result<PathBuf> {
    let program = "import sysconfig; print(sysconfig.get_path('platlib'))";
    let output = Command::new(python).args(["-c", program]).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().into())
}

/// Installs the locked packages and makes a bundle of each function, as is the custom.
fn install_node() -> Result<PathBuf> {
    let source = root().join("tests/bench/node");
    let folder = folder().join("node");
    fs::create_dir_all(&folder)?;
    let lock = "package-lock.json";
    let is_locked_anew =
        fs::read(source.join(lock))? != fs::read(folder.join(lock)).unwrap_or_default();
    for entry in fs::read_dir(&source)? {
        let entry = entry?;
        fs::copy(entry.path(), folder.join(entry.file_name()))?;
    }
    if is_locked_anew || !folder.join("node_modules").is_dir() {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        run(&mut npm).context("Node.js 20 or newer with npm is needed")?;
    }
    let bundles = folder.join("bundles");
    for name in BUNDLES {
        let mut esbuild = Command::new(folder.join("node_modules/.bin/esbuild"));
        esbuild
            .args([&format!("{name}.mjs"), "--bundle", "--minify", "--log-level=warning"])
            .args(["--platform=node", "--format=esm", "--target=node20"])
            .arg(format!("--banner:js={REQUIRE}"))
            .arg(format!("--outfile={}", bundles.join(format!("{name}.mjs")).display()));
        run(esbuild.current_dir(&folder))?;
    }
    Ok(bundles)
}

/// The absolute path of a program, for environments without the user's `PATH`.
fn find_program(name: &str) -> Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    match found {
        Some(file) => Ok(fs::canonicalize(file)?),
        None => bail!("{name} is not on the PATH"),
    }
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_owned();
    // Standard output is for the results.
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start {}", name.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{} failed: {text}", name.display());
    Ok(())
}
