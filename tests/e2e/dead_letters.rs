//! Dead-letter queues as an operator sees them: with `cargo xtask dlq`.

use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::api::{unique, variable};
use crate::aws;
use crate::queues::Queue;
use crate::turns::{self, eventually};

/// Twelve receives, each as soon as the one before has failed.
const GIVEN_UP: Duration = Duration::from_secs(120);

/// What a command prints, and whether it went well.
pub(crate) fn dlq(arguments: &str) -> (String, bool) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet", "--package", "xtask", "--", "dlq"]);
    let output = cargo.args(arguments.split(' ')).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("error: could not compile"), "{errors}");
    (String::from_utf8(output.stdout).unwrap(), output.status.success())
}

/// The lines that `show` prints of the messages with a mark in them. Another test may just have
/// some out of sight.
fn shown(mark: &str, count: usize) -> Vec<String> {
    eventually("the messages are shown", GIVEN_UP, || {
        let (printed, _) = dlq(&format!("show subscribe-user --filter {mark}"));
        let lines: Vec<String> = printed.lines().map(str::to_owned).collect();
        (lines.len() == count).then_some(lines)
    })
}

fn id(line: &str) -> String {
    line.split_whitespace().nth(1).unwrap().to_owned()
}

#[test]
fn letters_are_looked_at_sent_back_and_dropped() {
    let _turn = turns::shared();
    let mark = unique("letter");
    let letters = ["one", "two", "three"].map(|word| format!("{mark}-{word}: not JSON"));
    Queue::named("SubscribeUserDeadLetterQueue").send(&letters);
    let (listed, _) = dlq("ls");
    let line = listed.lines().find(|line| line.starts_with("SubscribeUserDeadLetterQueue"));
    assert!(line.unwrap().ends_with("faas-patterns-subscribe-user"), "{listed}");
    // They are left where they are.
    shown(&mark, 3);
    shown(&mark, 3);

    let one = id(&shown(&format!("{mark}-one"), 1)[0]);
    let (printed, _) = dlq(&format!("redrive subscribe-user --message {one} --dry-run"));
    assert!(printed.ends_with("\n1 would be sent back\n"), "{printed}");
    let (printed, is_done) = dlq(&format!("redrive subscribe-user --message {one}"));
    assert!(is_done && printed.ends_with("\n1 sent back\n"), "{printed}");
    assert!(!dlq(&format!("redrive subscribe-user --message {one}")).1, "it has left");
    // The function cannot read it and the queue gives it up once more.
    let again = shown(&format!("{mark}-one"), 1);
    assert_ne!(id(&again[0]), one);

    shown(&mark, 3);
    let (printed, _) = dlq(&format!("drop subscribe-user --all --filter {mark}"));
    assert!(printed.ends_with("\n3 deleted\n"), "{printed}");
    assert!(dlq(&format!("show subscribe-user --filter {mark}")).0.is_empty());
}

#[test]
fn what_the_topic_could_not_deliver_is_published_again() {
    let _turn = turns::shared();
    let run = unique("").trim_start_matches('-').to_owned();
    let event = json!({
        "specversion": "1.0", "id": format!("{run}-subscribe-user"), "source": "/runs",
        "type": "faas-patterns.step.ready", "data": { "run": run, "step": "subscribe-user" },
    });
    let input = json!({
        "QueueUrl": url_of("StepsDeadLetterQueue"), "MessageBody": event.to_string(),
        "MessageAttributes": { "step": { "DataType": "String", "StringValue": "subscribe-user" } },
    });
    aws::call("sqs", "AmazonSQS.SendMessage", &input);
    let (printed, _) = dlq(&format!("redrive steps --all --filter {run}"));
    assert!(printed.ends_with("\n1 sent back\n"), "{printed}");
    // There is no such run, so the queue of the step gives it up.
    assert!(shown(&run, 1)[0].ends_with(&event.to_string()));
    assert!(dlq(&format!("drop subscribe-user --all --filter {run}")).1);
}

#[test]
fn notes_are_sent_nowhere() {
    let (printed, is_done) = dlq("redrive advance --all");
    assert!(printed.is_empty() && !is_done, "{printed}");
}

fn url_of(part: &str) -> String {
    let listed = aws::call("sqs", "AmazonSQS.ListQueues", &json!({}));
    let urls = listed["QueueUrls"].as_array().unwrap();
    let found = urls.iter().filter_map(|url| url.as_str()).find(|url| url.contains(part));
    found
        .unwrap_or_else(|| panic!("{} has no queue {part}", variable("AWS_ENDPOINT_URL")))
        .to_owned()
}
