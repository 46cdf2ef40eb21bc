//! The steps. To add one, write a function and name it in [`STEPS`].

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use super::commands;
use super::context::Context;
use crate::code::cargo;
use crate::tools::{self, Tools};
use crate::{paths, signals, stack, step, system};

/// A named part of the test run.
pub(crate) struct Step {
    /// What `--only` calls it.
    pub(crate) name: &'static str,
    /// What it shows when it passes.
    pub(crate) about: &'static str,
    /// Whether it calls [`Context::stack`].
    pub(crate) uses_stack: bool,
    /// Runs it.
    pub(crate) run: fn(&mut Context) -> Result<()>,
}

const fn step(
    name: &'static str,
    run: fn(&mut Context) -> Result<()>,
    about: &'static str,
) -> Step {
    Step { name, about, uses_stack: false, run }
}

const fn step_on_stack(
    name: &'static str,
    run: fn(&mut Context) -> Result<()>,
    about: &'static str,
) -> Step {
    Step { name, about, uses_stack: true, run }
}

/// All steps, in the order they run in: quick ones first, those that need the machine for
/// themselves last.
pub(crate) const STEPS: &[Step] = &[
    step("fmt", fmt, "the code is formatted"),
    step("clippy", clippy, "no lint complains"),
    step("unit", unit, "each crate keeps its promises"),
    step("faults", faults, "runs of pipelines end as they should, whatever goes wrong"),
    step("engine", engine, "the local AWS behaves like AWS where we lean on it"),
    step("template", template, "the template is valid and follows good practice"),
    step("tidy", tidy, "code, template, events and documents agree"),
    step_on_stack("e2e", e2e, "the deployed stack works from end to end"),
    step_on_stack(
        "openapi",
        openapi,
        "the deployed API keeps to its description, whatever it is sent",
    ),
    step_on_stack("browser", browser, "people can use the pages, in Chromium"),
    // Deletes the stack, so no step after it can use it.
    step_on_stack("commands", commands, "what the README tells you to type works"),
    step("sam-build", sam_build, "`sam build` makes a package for AWS"),
    step("guards", guards, "what is deployed starts and runs within its budget"),
];

fn fmt(_: &mut Context) -> Result<()> {
    run("fmt", cargo().args(["fmt", "--all", "--check", "--", "--color=never"]))
}

fn clippy(_: &mut Context) -> Result<()> {
    let arguments =
        ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    run("clippy", cargo().args(arguments))
}

fn unit(_: &mut Context) -> Result<()> {
    run(
        "unit",
        cargo().args([
            "test",
            "--workspace",
            "--exclude",
            "tests",
            "--exclude",
            "bench-peers",
            "--all-features",
        ]),
    )
}

fn faults(_: &mut Context) -> Result<()> {
    run("faults", cargo().args(["test", "--package", "tests", "--test", "faults"]))
}

fn engine(_: &mut Context) -> Result<()> {
    tools::install(Tools::Engine)?;
    let mut python = Command::new(Tools::Engine.program("python"));
    python.args(["-m", "unittest", "discover", "--start-directory", "infra/local"]);
    run("engine", python.current_dir(paths::root()))
}

fn template(_: &mut Context) -> Result<()> {
    tools::install(Tools::Cli)?;
    tools::install(Tools::Check)?;
    let file = paths::template();
    let mut sam = Command::new(Tools::Cli.program("sam"));
    sam.args(["validate", "--lint", "--region", stack::REGION, "--template-file"]).arg(&file);
    let sam = run("template-sam", sam.env("SAM_CLI_TELEMETRY", "0").current_dir(paths::root()));

    let mut lint = Command::new(Tools::Cli.program("cfn-lint"));
    let lint = run("template-cfn-lint", lint.arg(&file).current_dir(paths::root()));

    let mut checkov = Command::new(Tools::Check.program("checkov"));
    checkov
        .args(["--config-file", "infra/checkov.yaml", "--compact", "--quiet", "--file"])
        .arg(&file);
    let checkov = run("template-checkov", checkov.current_dir(paths::root()));
    all([sam, lint, checkov])
}

fn tidy(_: &mut Context) -> Result<()> {
    run("tidy", cargo().args(["test", "--package", "tests", "--test", "tidy"]))
}

fn e2e(context: &mut Context) -> Result<()> {
    let stack = context.stack()?;
    let mut tests = cargo();
    tests.args(["test", "--package", "tests", "--test", "e2e"]);
    // Most of them wait for queues, so more of them than processors run side by side.
    tests.args(["--", "--test-threads", "8"]);
    stack.prepare(&mut tests)?;
    run("e2e", &mut tests)
}

/// Sends the API what its description allows, and what it does not.
///
/// A widget has two paths, the decorated one and its own. To schemathesis that is two resources, so
/// one that was deleted by the other path is to it one that got lost; hence a run for either.
fn openapi(context: &mut Context) -> Result<()> {
    tools::install(Tools::Check)?;
    let url = context.stack()?.api_url(stack::PUBLIC_API);
    all([("openapi", "--exclude-path-regex"), ("openapi-widgets", "--include-path-regex")].map(
        |(name, which)| {
            let mut schemathesis = Command::new(Tools::Check.program("schemathesis"));
            schemathesis
                .args(["--config-file", "tests/openapi/schemathesis.toml"])
                .args(["run", "infra/openapi.yaml", "--url", &url, "--checks", "all"])
                .args(["--no-color", which, "^/widgets"])
                .current_dir(paths::root());
            run(name, &mut schemathesis)
        },
    ))
}

fn browser(context: &mut Context) -> Result<()> {
    system::ensure(&system::CHROMIUM, "chromium", &Context::log("apt-chromium"))?;
    system::ensure(&["chromedriver"], "chromium-driver", &Context::log("apt-chromedriver"))?;
    tools::install(Tools::Browser)?;
    let axe = Tools::Browser.file("axe_playwright_python/axe.min.js")?;
    let stack = context.stack()?;
    let mut tests = cargo();
    tests.args(["test", "--package", "tests", "--test", "browser"]).env("AXE_SCRIPT", axe);
    stack.prepare(&mut tests)?;
    run("browser", &mut tests)
}

fn commands(context: &mut Context) -> Result<()> {
    all(commands::check(context.stack()?))
}

/// One function is enough: all are built the same way, and each costs minutes.
fn sam_build(_: &mut Context) -> Result<()> {
    tools::install(Tools::Cli)?;
    let target = paths::root().join("target/sam-build");
    fs::create_dir_all(&target).with_context(|| format!("cannot create {}", target.display()))?;
    let own = Tools::Cli.bin();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&path)))
        .context("cannot extend PATH")?;
    let mut sam = Command::new(Tools::Cli.program("sam"));
    sam.args(["build", "AddDefaultsFunction", "--no-cached", "--template-file"])
        .arg(paths::template())
        .args([OsStr::new("--build-dir"), target.join("build").as_os_str()])
        .args(["--parameter-overrides", &format!("Architecture={}", stack::architecture()?)])
        .env("PATH", path)
        .env("SAM_CLI_TELEMETRY", "0")
        // The cross compiler's artifacts and those of plain builds would throw each other out.
        .env("CARGO_TARGET_DIR", target.join("cargo"))
        // It writes `.aws-sam` where it runs.
        .current_dir(&target);
    run("sam-build", &mut sam)?;
    let bootstrap = target.join("build/AddDefaultsFunction/bootstrap");
    ensure!(is_executable(&bootstrap), "sam build made no program at {}", bootstrap.display());
    Ok(())
}

fn guards(_: &mut Context) -> Result<()> {
    system::ensure(&["valgrind"], "valgrind", &Context::log("apt"))?;
    run("guards", cargo().args(["test", "--package", "tests", "--test", "guards"]))
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o100 != 0)
}

/// One result of several: what each of the failed ones says.
fn all(results: impl IntoIterator<Item = Result<()>>) -> Result<()> {
    let failed: Vec<anyhow::Error> = results.into_iter().filter_map(Result::err).collect();
    signals::check()?;
    if failed.is_empty() {
        return Ok(());
    }
    let texts: Vec<String> = failed.iter().map(|error| format!("{error:#}")).collect();
    bail!("{}", texts.join("\n\n"))
}

fn run(name: &str, command: &mut Command) -> Result<()> {
    step::run(name, command, &Context::log(name))
}
