//! Deploys the template to the local AWS with the real `sam deploy`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::engine::{self, Engine};
use super::{NAME, PUBLIC_API, REGION, Stack, api_host};
use crate::progress::{Progress, note};
use crate::template::{self, Function};
use crate::tools::Tools;
use crate::{code, http, signals, step};

/// The API that the decorator stands in front of.
const UPSTREAM_API: &str = "UpstreamApi";

/// The address that mails come from.
const SENDER: &str = "no-reply@example.com";

/// The user that may list all runs, once there is one of that name.
const OPERATOR: &str = "operator";

/// Where the local AWS takes what webhooks post.
pub(crate) const WEBHOOKS: &str = "/_ministack/webhooks";

/// A path of the public API that answers 200 once functions and tables work together.
const PROBE: &str = "/widgets";

const READY_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(200);

/// Deploys, unless exactly this is deployed already.
///
/// # Errors
///
/// If `sam deploy` fails.
pub(crate) fn deploy(
    stack: &Stack,
    engine: &Engine,
    source: &str,
    functions: &[Function],
) -> Result<()> {
    let file = stack.dir.join("template.yaml");
    // What `sam build` does: the template stays, only the places of the code change.
    let template = template::with_code_at(source, functions, |function| {
        code::package(function).display().to_string()
    });
    fs::write(&file, &template).with_context(|| format!("cannot write {}", file.display()))?;

    let parameters = parameters(stack)?;
    let record = record(engine, &template, &parameters, functions)?;
    let is_recorded =
        fs::read_to_string(record_file(&stack.dir)).is_ok_and(|deployed| deployed == record);
    if is_recorded && is_complete(stack) {
        note("nothing has changed since the last deployment");
        return Ok(());
    }

    verify_sender(stack)?;
    let mut sam = Command::new(Tools::Cli.program("sam"));
    stack.prepare(&mut sam)?;
    sam.args(["deploy", "--stack-name", NAME, "--region", REGION, "--template-file"])
        .arg(&file)
        .args(["--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-progressbar"])
        .args(["--no-confirm-changeset", "--no-fail-on-empty-changeset", "--parameter-overrides"])
        .args(parameters)
        // It looks at a real AWS only every 5 seconds, to spare it.
        .env("SAM_CLI_POLL_DELAY", "0.5")
        .current_dir(&stack.dir);
    step::run("deploying the stack", &mut sam, &stack.logs().join("deploy.log"))?;
    fs::write(record_file(&stack.dir), record).context("cannot record the deployment")
}

/// Mails come from verified addresses only. On AWS its owner is sent a link; here nobody is asked.
fn verify_sender(stack: &Stack) -> Result<()> {
    let fields = format!("Action=VerifyEmailIdentity&Version=2010-12-01&EmailAddress={SENDER}");
    http::aws_query(&stack.endpoint(), "ses", &fields).map(drop)
}

/// What differs from the defaults of the template.
///
/// Every test comes from the same address and texts the same few countries, so the limits on those
/// are out of the way; limits on a user or a phone hold. Sign-ups are posted to the local AWS itself,
/// which keeps them (`infra/local/patches/webhook_receiver.py`).
fn parameters(stack: &Stack) -> Result<Vec<String>> {
    Ok(vec![
        format!("Architecture={}", architecture()?),
        format!("WidgetsUrl={}", stack.api_url(UPSTREAM_API)),
        format!("SignInHost={}", api_host(PUBLIC_API)),
        format!("PublicUrl={}", stack.page_url(PUBLIC_API)),
        format!("MailFrom={SENDER}"),
        format!("SignUpWebhookUrl={}{WEBHOOKS}", stack.endpoint()),
        "AllowPrivateTargets=true".to_owned(),
        "StalledAfterSeconds=60".to_owned(),
        format!("Operators={OPERATOR}"),
        "ResendCooldownSeconds=2".to_owned(),
        "MaxPasswordFailuresPerAddress=1000000".to_owned(),
        "MaxCodesPerAddress=1000000".to_owned(),
        "MaxCodesPerDay=1000000".to_owned(),
        "MaxCodesPerCountry=1000000".to_owned(),
        "MaxUnconvertedCodes=1000000".to_owned(),
    ])
}

/// Where it is noted what is deployed.
pub(crate) fn record_file(dir: &Path) -> PathBuf {
    dir.join("deployed.txt")
}

/// Everything a deployment depends on. It belongs to one engine: the next one starts empty.
fn record(
    engine: &Engine,
    template: &str,
    parameters: &[String],
    functions: &[Function],
) -> Result<String> {
    let mut record = format!("{engine:?}\n{parameters:?}\n");
    for function in functions {
        let identity = code::identity(&code::package(function))?;
        record.push_str(&format!("{}: {identity}\n", function.binary));
    }
    record.push_str(template);
    Ok(record)
}

/// Whether the stack is there: it may have been deleted with `sam delete`.
fn is_complete(stack: &Stack) -> bool {
    let fields = format!("Action=DescribeStacks&Version=2010-05-15&StackName={NAME}");
    http::aws_query(&stack.endpoint(), "cloudformation", &fields).is_ok_and(|answer| {
        ["CREATE_COMPLETE", "UPDATE_COMPLETE"]
            .iter()
            .any(|status| answer.contains(&format!("<StackStatus>{status}</StackStatus>")))
    })
}

/// What this machine runs, in Lambda's words.
///
/// # Errors
///
/// If Lambda has no word for it.
pub(crate) fn architecture() -> Result<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("x86_64"),
        "aarch64" => Ok("arm64"),
        other => bail!("Lambda knows x86_64 and arm64 only, and this machine is {other}"),
    }
}

/// Waits until the public API answers from a function.
///
/// # Errors
///
/// If it does not in time.
pub(crate) fn wait_until_ready(stack: &Stack) -> Result<()> {
    let url = format!("{}{PROBE}", stack.api_url(PUBLIC_API));
    let started = Instant::now();
    let mut progress = Progress::start("waiting for the first answer");
    loop {
        let answer = http::get(&url, READY_LIMIT);
        if answer.as_ref().is_ok_and(|answer| answer.status == 200) {
            progress.done();
            return Ok(());
        }
        if let Err(interrupted) = signals::check() {
            progress.stopped();
            return Err(interrupted.into());
        }
        if started.elapsed() > READY_LIMIT {
            progress.failed();
            let last = match answer {
                Ok(answer) => format!("{}: {}", answer.status, answer.body),
                Err(error) => format!("{error:#}"),
            };
            bail!(
                "GET {url} does not answer 200, but {last}\nwhat AWS and the functions printed: {}",
                engine::log_file(&stack.dir).display()
            );
        }
        progress.tick(String::new);
        sleep(POLL);
    }
}
