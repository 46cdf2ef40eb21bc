//! What is left behind: logs, queues, dead letters and the stream know nobody.

use crate::aws::{log_group, log_lines};
use crate::queues::Queue;

use super::newcomer::{MARKS, Newcomer};
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

/// Goes every way there is, so that every line there is gets logged. Who has the name of a run may
/// see it, and who has a link may use it: these are secrets, too.
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
    let path = mails::to(&newcomer.email).last().unwrap().confirmation();
    crate::api::send("POST", &path, &[], "");
    turns::a_while();
    let token = path.rsplit('/').next().unwrap().to_owned();
    vec![token, run.id, refused.id, gone.id]
}

/// Whether the text holds the number of somebody, and not a part of a time or a fraction.
fn holds_phone(text: &str) -> bool {
    text.match_indices("15552").any(|(at, start)| {
        let before = text[..at].chars().next_back();
        let rest = &text[at + start.len()..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        digits == 9 && !before.is_some_and(|c| c.is_ascii_digit() || c == '.')
    })
}

fn assert_knows_nobody(text: &str) {
    let mark = MARKS.into_iter().find(|mark| text.contains(mark));
    assert!(mark.is_none() && !holds_phone(text), "somebody is in {text}");
}

#[test]
fn neither_logs_nor_queues_nor_the_stream_hold_an_address_a_number_a_name_or_a_password() {
    let _turn = turns::shared();
    let own = leave_traces();
    let lines: Vec<String> =
        PACKAGES.iter().flat_map(|package| log_lines(&log_group(package))).collect();
    assert!(lines.len() > 20, "{} lines", lines.len());
    for line in &lines {
        assert_knows_nobody(line);
        let secret = own.iter().find(|secret| line.contains(secret.as_str()));
        assert!(secret.is_none(), "{secret:?} is in {line}");
    }
    for (step, _) in steps::FUNCTIONS {
        for message in steps::queue(step).waiting().iter().chain(&steps::letters(step)) {
            assert_knows_nobody(message);
        }
    }
    for queue in ["AdvanceDeadLetterQueue", "StepsDeadLetterQueue"] {
        Queue::named(queue).letters().iter().for_each(|letter| assert_knows_nobody(letter));
    }
    for record in journal::stream() {
        let change = &record["dynamodb"];
        assert_eq!(change["StreamViewType"], "KEYS_ONLY");
        assert!(change["NewImage"].is_null() && change["OldImage"].is_null(), "{record}");
        assert_knows_nobody(&record.to_string());
    }
}

#[test]
fn everybody_is_known_by_a_mark() {
    let newcomers = [Newcomer::new(), Newcomer::who_is("refused")];
    for newcomer in &newcomers {
        let person = &newcomer.person;
        for text in [&newcomer.email, &person.username, &person.password] {
            assert!(MARKS.into_iter().any(|mark| text.contains(mark)), "{text}");
        }
        assert!(holds_phone(&format!("to {}.", person.phone)));
        assert!(!holds_phone(&format!("0.{}", &person.phone[1..])));
    }
}
