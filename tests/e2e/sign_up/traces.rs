//! What is left behind: logs, queues, dead letters and the stream know nobody.

use crate::aws::{log_group, log_lines};
use crate::queues::Queue;

use super::newcomer::Newcomer;
use super::run::SOON;
use super::{journal, mails, steps, turns};

const PACKAGES: [&str; 7] = [
    "create-user",
    "advance",
    "email-user",
    "subscribe-user",
    "subscriptions",
    "call-webhook",
    "runs",
];

/// Goes every way there is, so that every line there is gets logged.
fn leave_traces() -> Vec<String> {
    let newcomer = Newcomer::new().asking("newsletter", true.into());
    let run = newcomer.sign_up();
    newcomer.ask(None);
    run.wait_for("done", SOON);
    let refused = Newcomer::who_is("refused").sign_up();
    refused.wait_for("failed", SOON);
    refused.retry();
    let gone = Newcomer::who_is("gone-1").sign_up();
    gone.wait_for("done", SOON);
    let mails = mails::to(&newcomer.email);
    let path = mails.last().unwrap().confirmation();
    crate::api::send("POST", &path, &[], "");
    turns::a_while();
    let token = path.rsplit('/').next().unwrap().to_owned();
    vec![token, run.id, refused.id, gone.id]
}

#[test]
fn neither_logs_nor_queues_nor_the_stream_hold_an_address_a_number_a_name_or_a_password() {
    let _turn = turns::shared();
    let own = leave_traces();
    let lines: Vec<String> =
        PACKAGES.iter().flat_map(|package| log_lines(&log_group(package))).collect();
    assert!(lines.len() > 20, "{} lines", lines.len());
    let queued = steps::FUNCTIONS.iter().flat_map(|(step, _)| {
        let waiting = steps::queue(step).waiting();
        waiting.into_iter().chain(steps::letters(step))
    });
    let undelivered = ["AdvanceDeadLetterQueue", "StepsDeadLetterQueue"];
    let undelivered = undelivered.iter().flat_map(|name| Queue::named(name).letters());
    let stream = journal::stream();
    for record in &stream {
        assert_eq!(record["dynamodb"]["StreamViewType"], "KEYS_ONLY");
        assert!(
            record["dynamodb"]["NewImage"].is_null() && record["dynamodb"]["OldImage"].is_null()
        );
    }
    let told = stream.iter().map(ToString::to_string);
    let texts: Vec<String> =
        lines.iter().cloned().chain(queued).chain(undelivered).chain(told).collect();
    let all = texts.join("\n");
    for newcomer in Newcomer::all() {
        let person = &newcomer.person;
        for secret in
            [&newcomer.email, &person.username, &person.password, &person.phone[1..].to_owned()]
        {
            assert!(!all.contains(secret.as_str()), "{secret} of a user is told");
        }
    }
    // Whoever has the name of a run may see it, and whoever has a link may use it.
    for secret in &own {
        let line = lines.iter().find(|line| line.contains(secret));
        assert!(line.is_none(), "{secret} is in {line:?}");
    }
}
