//! `cargo xtask outbox`: what the running stack would have texted, mailed and posted to webhooks.
//!
//! The local AWS sends nothing. It keeps what it was given, sign-in codes included, so they are
//! shown only when asked for.

mod mask;
mod sent;

use std::env::var_os;
use std::io::{ErrorKind, Write, stdout};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::stack::{Stack, WEBHOOKS};
use crate::{http, paths};
use sent::Sent;

const TEXTS: &str = "/_ministack/sns/sms-messages";
const MAILS: &str = "/_ministack/ses/messages";
const TIMEOUT: Duration = Duration::from_secs(10);

/// The flags of `outbox`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Show only what went to this telephone number or mail address
    #[arg(long, value_name = "NUMBER OR ADDRESS")]
    to: Option<String>,
    /// Show numbers, addresses and codes as they are
    #[arg(long)]
    reveal: bool,
    /// Print one JSON array instead of lines
    #[arg(long)]
    json: bool,
}

/// Prints what was sent, the newest last.
///
/// # Errors
///
/// If no stack runs, or it does not answer.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    let endpoint = endpoint()?;
    let mut sent = sent::texts(&get(&endpoint, TEXTS)?);
    sent.extend(sent::mails(&get(&endpoint, MAILS)?));
    sent.extend(sent::posts(&get(&endpoint, WEBHOOKS)?));
    let printed = shown(sent, options);
    match stdout().lock().write_all(printed.as_bytes()) {
        // The reader has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        written => written.map(|()| ExitCode::SUCCESS).context("cannot print"),
    }
}

/// The local AWS of the shell, as `cargo xtask env` names it, or else the one that runs.
fn endpoint() -> Result<String> {
    let named = var_os("AWS_ENDPOINT_URL").and_then(|url| url.into_string().ok());
    if let Some(url) = named.filter(|url| !url.is_empty()) {
        return Ok(url);
    }
    let running = Stack::running(&paths::local_stack());
    Ok(running.context("no stack is running; start one with `cargo xtask up --detach`")?.endpoint())
}

fn get(endpoint: &str, path: &str) -> Result<Value> {
    let answer = http::get(&format!("{endpoint}{path}"), TIMEOUT)?;
    ensure!(answer.status == 200, "{path} answers {}: {}", answer.status, answer.body);
    serde_json::from_str(&answer.body).with_context(|| format!("{path} answers no JSON"))
}

fn shown(mut sent: Vec<Sent>, options: &Options) -> String {
    if let Some(to) = &options.to {
        sent.retain(|sent| sent.went_to(to));
    }
    sent.sort_by(|one, other| one.time.total_cmp(&other.time));
    if !options.reveal {
        sent.iter_mut().for_each(Sent::mask);
    }
    if options.json {
        return format!("{:#}\n", Value::from_iter(sent.iter().map(Sent::to_json)));
    }
    if sent.is_empty() {
        return "nothing was sent\n".to_owned();
    }
    sent.iter().map(|sent| format!("{}\n", sent.line())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sent() -> Vec<Sent> {
        let texts = json!({ "sms_messages": {
            "+15550100": [
                { "Message": "Your code is 123456.\n\n@host #123456", "Timestamp": 30.0 },
            ],
            "+15550123": [{ "Message": "first", "Timestamp": 10.5 }],
        }});
        let mails = json!({ "messages": { "000000000000": [{
            "To": ["ada@example.com"], "Subject": "Hello", "BodyText": "secret", "Timestamp": 20.0,
        }]}});
        sent::texts(&texts).into_iter().chain(sent::mails(&mails)).collect()
    }

    fn options(arguments: &[&str]) -> Options {
        #[derive(clap::Parser)]
        struct Cli {
            #[command(flatten)]
            options: Options,
        }
        let arguments = std::iter::once("outbox").chain(arguments.iter().copied());
        <Cli as clap::Parser>::try_parse_from(arguments).expect("they are right").options
    }

    #[test]
    fn the_newest_comes_last_and_nothing_personal_is_shown() {
        assert_eq!(
            shown(sent(), &options(&[])),
            "1970-01-01T00:00:10Z  text  ******23  first\n\
             1970-01-01T00:00:20Z  mail  a***@example.com  Hello\n\
             1970-01-01T00:00:30Z  text  ******00  Your code is ******. @host #******\n"
        );
    }

    #[test]
    fn all_is_shown_when_asked_for() {
        let revealed = shown(sent(), &options(&["--reveal", "--to", "+1 555 0100"]));
        let line = "1970-01-01T00:00:30Z  text  +15550100  Your code is 123456. @host #123456\n";
        assert_eq!(revealed, line);
        let revealed = shown(sent(), &options(&["--reveal", "--to", "ADA@example.com"]));
        assert_eq!(revealed, "1970-01-01T00:00:20Z  mail  ada@example.com  Hello\n");
    }

    #[test]
    fn json_is_masked_as_the_lines_are() {
        let printed = shown(sent(), &options(&["--json", "--to", "+15550100"]));
        let parsed: Value = serde_json::from_str(&printed).expect("it is JSON");
        assert_eq!(
            parsed,
            json!([{
                "at": "1970-01-01T00:00:30Z", "kind": "text", "to": ["******00"],
                "text": "Your code is ******.\n\n@host #******",
            }])
        );
        assert_eq!(shown(Vec::new(), &options(&["--json"])), "[]\n");
    }

    #[test]
    fn an_empty_outbox_says_so() {
        assert_eq!(shown(sent(), &options(&["--to", "+15550199"])), "nothing was sent\n");
    }
}
