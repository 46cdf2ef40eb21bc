//! What the README tells users to type, on the stack of this run.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use super::context::Context;
use crate::stack::{NAME, PUBLIC_API, Stack};
use crate::{http, paths, step};

/// Runs the commands, all of them even if one fails, and looks for what each must print. The last
/// one deletes the stack.
pub(super) fn check(stack: &Stack) -> Vec<Result<()>> {
    let root = paths::root();
    let infra = root.join("infra");
    let event = "events/add-defaults/dry-run-empty-object.json";
    let of_stack = ["--stack-name", NAME];
    let invoke = ["sam", "remote", "invoke", "AddDefaultsFunction", "--event-file", event];
    vec![
        signs_up(stack),
        prints(stack, &["aws", "dynamodb", "list-tables"], &[], root, "WidgetsTable"),
        prints(
            stack,
            &["sam", "list", "resources", "--output", "json"],
            &of_stack,
            &infra,
            "AddDefaultsFunction",
        ),
        prints(stack, &invoke, &of_stack, root, "blue"),
        prints(stack, &["sam", "logs"], &of_stack, root, "request answered"),
        prints(stack, &["sam", "delete", "--no-prompts"], &of_stack, root, "Deleted successfully")
            .and_then(|()| is_gone(stack)),
    ]
}

/// Types what the README says about signing up, and looks for what it must print.
fn signs_up(stack: &Stack) -> Result<()> {
    let readme = fs::read_to_string(paths::root().join("README.md")).context("no README.md")?;
    let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines: String = blocks.filter(|block| block.contains("sign_up")).collect();
    let log = Context::log("commands-sign-up");
    let mut shell = Command::new("bash");
    // A person reads what an answer says before typing on.
    let patience = "curl() { command curl \"$@\" && echo && sleep 5; }\n";
    shell.args(["-e", "-c", &format!("{patience}{lines}")]).current_dir(paths::root());
    stack.prepare(&mut shell)?;
    step::run("signing up, as the README says", &mut shell, &log)?;
    let printed =
        fs::read_to_string(&log).with_context(|| format!("cannot read {}", log.display()))?;
    for text in [
        "\"pipeline\":\"sign-up\"",
        "flowchart",
        "grace@example.com  Confirm your subscription",
        "\"state\":\"failed\"",
        "EmailUserDeadLetterQueue",
        // One, or two if the step was published twice.
        " would be sent back\n",
        " sent back\n",
    ] {
        ensure!(
            printed.contains(text),
            "the README's lines do not print {text:?}, but\n\n{printed}"
        );
    }
    ensure!(!printed.contains("\n0 "), "no message was given up:\n\n{printed}");
    Ok(())
}

fn prints(
    stack: &Stack,
    words: &[&str],
    more: &[&str],
    folder: &Path,
    expected: &str,
) -> Result<()> {
    let words = [words, more].concat();
    let [program, arguments @ ..] = words.as_slice() else { bail!("there is no command") };
    let line = words.join(" ");
    let log = Context::log(&format!("commands-{}", words[..3].join("-")));
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    stack.prepare(&mut command)?;
    step::run(&line, &mut command, &log)?;
    let printed =
        fs::read_to_string(&log).with_context(|| format!("cannot read {}", log.display()))?;
    ensure!(printed.contains(expected), "`{line}` does not print {expected:?}, but\n\n{printed}");
    Ok(())
}

fn is_gone(stack: &Stack) -> Result<()> {
    let url = format!("{}/widgets", stack.api_url(PUBLIC_API));
    let answer = http::get(&url, Duration::from_secs(10))?;
    ensure!(
        answer.status == 404,
        "after `sam delete`, GET {url} answers {}, not 404: {}",
        answer.status,
        answer.body
    );
    Ok(())
}
