//! Every way to say no, in one place.

use std::time::{Duration, SystemTime};

use common::problem::Problem;
use lambda_http::http::header::WWW_AUTHENTICATE;
use lambda_http::http::{HeaderValue, StatusCode};
use sign_in::limits::seconds_until;
use sign_in::{Challenge, Delivery, Reason, Refusal};

/// A code that is valid for less time than this is not worth asking for.
const SHORTEST: Duration = Duration::from_secs(60);

/// A problem, and what a page needs to go on from it.
#[derive(Debug)]
pub(crate) struct Denied {
    /// The problem to answer with.
    pub(crate) problem: Problem,
    /// The challenge that goes on, or where it ended.
    pub(crate) challenge: Option<Box<Challenge>>,
}

impl From<Problem> for Denied {
    fn from(problem: Problem) -> Self {
        Self { problem, challenge: None }
    }
}

impl Denied {
    fn at(challenge: &Challenge, problem: Problem) -> Self {
        Self { problem, challenge: Some(Box::new(challenge.clone())) }
    }
}

/// Neither a name nor a password is said to be wrong, so that nobody learns who has an account.
pub(crate) fn wrong_credentials() -> Problem {
    unauthorized("wrong-credentials", "The user name or the password is wrong")
}

pub(crate) fn not_signed_in() -> Problem {
    unauthorized("not-signed-in", "You are not signed in")
}

/// Unknown, over and used are one: who has no challenge learns nothing about others'.
pub(crate) fn no_sign_in() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no-sign-in", "This sign-in is over")
        .detail("Sign in again to get a new code.")
}

/// A quota of this hour is used up.
pub(crate) fn too_many_attempts(ends: SystemTime, now: SystemTime) -> Problem {
    limit("too-many-attempts", "There were too many attempts to sign in", ends, now)
}

/// A guess that was counted and was wrong.
pub(crate) fn wrong_code(challenge: &Challenge, max_attempts: u32) -> Denied {
    let left = max_attempts.saturating_sub(challenge.attempts);
    let told = match left {
        0 => "No attempt is left. Sign in again to get a new code.".to_owned(),
        1 => "One attempt is left.".to_owned(),
        left => format!("{left} attempts are left."),
    };
    let problem = unauthorized("wrong-code", "This code is wrong").detail(told);
    Denied::at(challenge, problem.with("attemptsLeft", left))
}

/// A code that has lost its worth.
pub(crate) fn code_expired() -> Problem {
    Problem::new(StatusCode::GONE, "code-expired", "This code is no longer valid")
        .detail("Ask for another code.")
}

/// Why a challenge takes no guess.
pub(crate) fn no_guess(challenge: &Challenge, max_attempts: u32, now: SystemTime) -> Denied {
    if let Some(denied) = dead_end(challenge, max_attempts, now) {
        return denied;
    }
    if challenge.code.is_some() {
        return Denied::at(challenge, code_expired());
    }
    let told = match challenge.delivery {
        Delivery::Failed => "It could not be sent. Ask for another code.",
        _ => "It is being made and sent. Try again when it has arrived.",
    };
    let problem = Problem::new(StatusCode::CONFLICT, "code-not-ready", "There is no code yet");
    Denied::at(challenge, problem.detail(told).retry_after(2))
}

/// Why a challenge gets no other code, if it gets none.
pub(crate) fn no_resend(
    challenge: &Challenge,
    max_attempts: u32,
    max_codes: u32,
    now: SystemTime,
) -> Option<Denied> {
    dead_end(challenge, max_attempts, now).or_else(|| {
        let has_time = challenge.expires >= now + SHORTEST;
        let problem = if challenge.number >= max_codes || !has_time {
            let title = "There is no other code for this sign-in";
            limit("too-many-codes", title, challenge.expires, now)
        } else if challenge.resend_at > now {
            too_soon(challenge.resend_at, now)
        } else {
            return None;
        };
        Some(Denied::at(challenge, problem))
    })
}

/// A code was asked for a moment ago.
pub(crate) fn too_soon(at: SystemTime, now: SystemTime) -> Problem {
    limit("too-soon", "A code was asked for a moment ago", at, now)
}

/// Whatever a quota refuses while a challenge goes on.
pub(crate) fn full(challenge: &Challenge, ends: SystemTime, now: SystemTime) -> Denied {
    Denied::at(challenge, too_many_attempts(ends, now))
}

/// What neither a guess nor another code can help.
fn dead_end(challenge: &Challenge, max_attempts: u32, now: SystemTime) -> Option<Denied> {
    let problem = match challenge.delivery {
        _ if challenge.attempts >= max_attempts => {
            let title = "There were too many wrong codes";
            limit("too-many-guesses", title, challenge.expires, now)
        }
        Delivery::Refused(Refusal { reason: Reason::CountryNotServed, .. }) => {
            let title = "No codes are sent to the country of this number";
            Problem::new(StatusCode::FORBIDDEN, "country-not-served", title)
        }
        Delivery::Refused(Refusal { reason, until }) => {
            let title = "No code can be sent to this number now";
            limit("code-refused", title, until.unwrap_or(challenge.expires), now)
                .with("reason", reason.word())
        }
        _ => return None,
    };
    Some(Denied::at(challenge, problem))
}

fn limit(kind: &'static str, title: &'static str, until: SystemTime, now: SystemTime) -> Problem {
    let seconds = seconds_until(until, now);
    let told = match seconds {
        1 => "Try again in a second.".to_owned(),
        2..120 => format!("Try again in {seconds} seconds."),
        120..7200 => format!("Try again in {} minutes.", seconds.div_ceil(60)),
        _ => format!("Try again in {} hours.", seconds.div_ceil(3600)),
    };
    Problem::new(StatusCode::TOO_MANY_REQUESTS, kind, title).detail(told).retry_after(seconds)
}

fn unauthorized(kind: &'static str, title: &'static str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, kind, title)
        .header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}
