//! Opens the runs again whose steps are in a dead-letter queue.
//!
//! A message of a step that has failed is of no use any more, wherever it is sent: the step is
//! opened by its run, which then publishes a new one. So the run is asked to, and the message is
//! dropped.

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::account::Account;
use super::message::Message;
use crate::http;
use crate::progress::note;

/// Where the API of a stack answers, without a slash at the end.
///
/// # Errors
///
/// If the stack does not say.
pub(super) fn api(account: &Account, stack: &str) -> Result<String> {
    if let Some(url) = account.local_api() {
        return Ok(url);
    }
    let input = json!({ "StackName": stack });
    let described = account.call("cloudformation", "describe-stacks", &input)?;
    let mut outputs = described["Stacks"][0]["Outputs"].as_array().into_iter().flatten();
    let found = outputs.find(|output| output["OutputKey"] == "ApiUrl");
    let url = found.and_then(|output| output["OutputValue"].as_str());
    Ok(url.with_context(|| format!("the stack {stack} has no output ApiUrl"))?.to_owned())
}

/// The run that a message is about, if it brings a step.
pub(super) fn run_of(message: &Message) -> Option<String> {
    let event: Value = serde_json::from_str(&message.body).ok()?;
    let run = event["data"]["run"].as_str().filter(|_| event["data"]["step"].is_string())?;
    let is_name = run.len() == 32 && run.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_name.then(|| run.to_owned())
}

/// Has the run of a message opened again; whether its message is done with.
///
/// # Errors
///
/// If the API does not answer.
pub(super) fn open(api: &str, message: &Message) -> Result<bool> {
    let Some(run) = run_of(message) else {
        note("a message brings no step of a run; it stays");
        return Ok(false);
    };
    let answer = http::post(&format!("{api}/runs/{run}/retry"))?;
    match answer.status {
        202 => Ok(true),
        409 => {
            note(&format!("nothing of run {run} had failed any more"));
            Ok(true)
        }
        404 => {
            note(&format!("there is no run {run} any more; `dlq drop` deletes its message"));
            Ok(false)
        }
        status if status < 500 => bail!("the API refuses to open runs again: {status}"),
        status => {
            note(&format!("the API answered {status}; the message stays"));
            Ok(false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Message {
        Message::read(&json!({ "MessageId": "m-1", "Body": body }))
    }

    #[test]
    fn only_steps_have_a_run_that_can_be_opened() {
        let run = "0123456789abcdef0123456789abcdef";
        let step = json!({ "data": { "run": run, "step": "email-user" } }).to_string();
        assert_eq!(run_of(&message(&step)).as_deref(), Some(run));
        for body in [
            "not JSON".to_owned(),
            json!({ "data": { "run": run } }).to_string(),
            json!({ "data": { "run": "../login", "step": "email-user" } }).to_string(),
            json!({ "data": { "run": run.to_uppercase(), "step": "email-user" } }).to_string(),
        ] {
            assert_eq!(run_of(&message(&body)), None, "{body}");
        }
    }
}
