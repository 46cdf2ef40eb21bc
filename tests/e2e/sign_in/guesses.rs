//! Wrong codes, old codes, and many at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::attempt::{Attempt, assert_refused};
use super::outbox::{kind, other_than};
use super::person::Person;
use super::{table, turns};

/// Guesses a sign-in has.
const MAX: usize = 5;

#[test]
fn after_five_wrong_codes_the_right_one_is_refused() {
    let _turn = turns::shared();
    let attempt = Attempt::with_text(&Person::new());
    let code = attempt.code();
    for left in (0..5).rev() {
        let answer = attempt.guess(&other_than(&code, left + 1));
        assert_refused(&answer, 401, "wrong-code");
        assert_eq!(answer.json()["attemptsLeft"], left);
    }
    assert_refused(&attempt.guess(&code), 429, "too-many-guesses");
    assert_eq!(attempt.document()["attemptsLeft"], 0);
    // Nor does another code bring guesses back.
    assert_refused(&attempt.resend(), 429, "too-many-guesses");
}

#[test]
fn what_is_not_six_digits_takes_no_guess() {
    let _turn = turns::shared();
    let attempt = Attempt::with_text(&Person::new());
    for text in ["", "12345", "1234567", "12345a", "½23456", "١٢٣٤٥٦"] {
        assert_refused(&attempt.guess(text), 422, "invalid-code");
    }
    assert_eq!(attempt.document()["attemptsLeft"], 5);
    assert_eq!(attempt.guess(&attempt.code()).status, 200);
}

#[test]
fn a_code_is_good_for_one_session() {
    let _turn = turns::shared();
    let attempt = Attempt::with_text(&Person::new());
    let code = attempt.code();
    assert_eq!(attempt.guess(&code).status, 200);
    assert_refused(&attempt.guess(&code), 404, "no-sign-in");
    assert_refused(&attempt.resend(), 404, "no-sign-in");
    assert_refused(&crate::api::get(&attempt.path()), 404, "no-sign-in");
}

#[test]
fn an_expired_code_is_refused_and_the_next_one_works() {
    let _turn = turns::shared();
    let attempt = Attempt::with_text(&Person::new());
    table::let_pass(&attempt.id, "code_expires");
    assert_refused(&attempt.guess(&attempt.code()), 410, "code-expired");
    attempt.resend_in_time();
    assert_eq!(attempt.guess(&attempt.code()).status, 200);
}

#[test]
fn an_expired_sign_in_is_over() {
    let _turn = turns::shared();
    let attempt = Attempt::with_text(&Person::new());
    table::let_pass(&attempt.id, "expires");
    assert_refused(&attempt.guess(&attempt.code()), 404, "no-sign-in");
    assert_refused(&attempt.resend(), 404, "no-sign-in");
}

#[test]
fn nobody_signs_in_with_anothers_code() {
    let _turn = turns::shared();
    let (mine, theirs) = (Attempt::with_text(&Person::new()), Attempt::with_text(&Person::new()));
    if mine.code() != theirs.code() {
        assert_refused(&mine.guess(&theirs.code()), 401, "wrong-code");
    }
    assert_eq!(theirs.guess(&theirs.code()).status, 200);
}

/// Sends guesses from 25 threads; tells how often each answer came.
fn guess_at_once(attempt: &Attempt, codes: &[String]) -> BTreeMap<String, usize> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut answers = Vec::new();
        while let Some(code) = codes.get(next.fetch_add(1, Ordering::Relaxed)) {
            let answer = attempt.guess(code);
            let word = match answer.status {
                200 => "signed in".to_owned(),
                _ => kind(&answer.json()).to_owned(),
            };
            answers.push(word);
        }
        answers
    };
    let answers: Vec<String> = thread::scope(|scope| {
        let threads: Vec<_> = (0..25).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let mut counts = BTreeMap::new();
    for answer in answers {
        *counts.entry(answer).or_default() += 1;
    }
    counts
}

fn attempts_in_table(attempt: &Attempt) -> usize {
    let stored = table::challenge(&attempt.id);
    stored["attempts"]["N"].as_str().unwrap_or("0").parse().unwrap()
}

#[test]
fn two_hundred_wrong_guesses_at_once_are_no_more_than_five() {
    let _turn = turns::shared();
    let attempt = Attempt::with_text(&Person::new());
    let code = attempt.code();
    let wrong: Vec<String> = (1..=200).map(|by| other_than(&code, by)).collect();
    let counts = guess_at_once(&attempt, &wrong);
    let count = |kind: &str| counts.get(kind).copied().unwrap_or_default();
    // On a machine that is short of time, the SDK repeats a call whose answer is late, which takes
    // another attempt: then there are fewer.
    assert!((1..=MAX).contains(&count("wrong-code")), "{counts:?}");
    assert_eq!(count("wrong-code") + count("too-many-guesses"), 200, "{counts:?}");
    assert_eq!(attempts_in_table(&attempt), MAX);
    assert_refused(&attempt.guess(&code), 429, "too-many-guesses");
}

#[test]
fn the_right_code_among_two_hundred_guesses_at_once_opens_one_session_at_most() {
    let _turn = turns::shared();
    let attempt = Attempt::with_text(&Person::new());
    let code = attempt.code();
    // Every tenth is right, so that several right ones race, too.
    let guesses: Vec<String> = (0..200_u32).map(|at| other_than(&code, at % 10)).collect();
    let counts = guess_at_once(&attempt, &guesses);
    let count = |word: &str| counts.get(word).copied().unwrap_or(0);
    assert!(count("signed in") <= 1, "{counts:?}");
    // The right code that came second finds it used up.
    let compared = count("signed in") + count("wrong-code") + count("code-expired");
    assert!(compared <= MAX, "{counts:?}");
    let refused = count("too-many-guesses") + count("no-sign-in");
    assert_eq!(compared + refused, 200, "{counts:?}");
}

#[test]
fn two_hundred_right_codes_at_once_open_one_session() {
    let _turn = turns::shared();
    let attempt = Attempt::with_text(&Person::new());
    let counts = guess_at_once(&attempt, &vec![attempt.code(); 200]);
    assert_eq!(counts.get("signed in"), Some(&1), "{counts:?}");
}
