//! What is left behind: logs and dead letters know nobody.

use std::time::Duration;

use crate::aws::{log_group, log_lines};

use super::attempt::{Attempt, SOON, log_in};
use super::outbox::{all_codes, is_code, other_than};
use super::person::{Person, simulated_phone};
use super::queue::{dead_letters, waiting};
use super::turns::{self, eventually};

/// Goes every way there is, so that every line there is gets logged.
fn leave_traces() -> Vec<String> {
    let person = Person::new();
    log_in(&person.username, "wrong");
    let attempt = Attempt::with_text(&person);
    attempt.resend();
    let code = attempt.code();
    attempt.guess(&other_than(&code, 1));
    let answer = attempt.guess(&code);
    assert_eq!(answer.status, 200, "{}", answer.text);
    let token = answer.json()["token"].as_str().unwrap().to_owned();

    let refused = Attempt::start(&Person::with_phone(&simulated_phone("+15550106")));
    refused.wait_for("failed", SOON);
    let failing = Attempt::start(&Person::with_phone(&simulated_phone("+15550108")));
    failing.wait_for("failed", Duration::from_secs(90));
    eventually("it is a dead letter", Duration::from_secs(60), || {
        dead_letters().iter().any(|letter| letter.contains(&failing.id)).then_some(())
    });
    vec![token, attempt.id, refused.id]
}

/// Whether the text holds the code on its own, and not as a part of an id, a time or a number.
fn holds_code(text: &str, code: &str) -> bool {
    assert!(is_code(code));
    text.match_indices(code).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + code.len()..].chars().next();
        !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '.')
            && !after.is_some_and(|c| c.is_ascii_alphanumeric())
    })
}

#[test]
fn neither_logs_nor_queues_hold_a_code_a_number_a_name_or_a_password() {
    let _turn = turns::shared();
    let own = leave_traces();
    let lines: Vec<String> =
        ["login", "two-factor"].iter().flat_map(|package| log_lines(&log_group(package))).collect();
    assert!(lines.len() > 10, "{} lines", lines.len());
    let letters: Vec<String> = dead_letters().into_iter().chain(waiting()).collect();

    let codes = all_codes();
    assert!(!codes.is_empty());
    let people = Person::all();
    for text in lines.iter().chain(&letters) {
        for person in &people {
            let digits = &person.phone[1..];
            for secret in [person.username.as_str(), &person.password, digits] {
                assert!(!text.contains(secret), "{secret} of a user is in {text}");
            }
        }
        for code in &codes {
            assert!(!holds_code(text, code), "the code {code} is in {text}");
        }
    }
    for line in &lines {
        for secret in &own {
            assert!(!line.contains(secret), "{secret} is in {line}");
        }
    }
}

#[test]
fn a_code_is_told_from_other_numbers() {
    for text in ["code is 123456. It", r#"{"code":"123456"}"#, "@host #123456", "123456"] {
        assert!(holds_code(text, "123456"), "{text}");
    }
    for text in ["1234567", "a123456", "12.123456", "2026-01-01T00:00:00.123456Z"] {
        assert!(!holds_code(text, "123456"), "{text}");
    }
}
