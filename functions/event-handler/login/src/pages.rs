//! The pages, for people: they work without scripts, by keyboard, and read aloud.

use std::time::SystemTime;

use common::http::site::{Site, alert};
use common::problem::Problem;
use common::redact;
use lambda_http::{Body, Response};
use maud::{Markup, html};
use sign_in::limits::seconds_until;
use sign_in::{Challenge, Delivery, Session};

use crate::config::Rules;
use crate::outcome::{Outcome, path_of, see_other};

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/script.js");

/// The pages, and their files.
pub(crate) const SITE: Site = Site::new("/login/assets", STYLE, Some(SCRIPT));

/// The answer for a browser.
///
/// # Errors
/// An internal problem when a header cannot be made.
pub(crate) fn answer(
    outcome: Outcome,
    rules: &Rules,
    now: SystemTime,
) -> Result<Response<Body>, Problem> {
    match outcome {
        Outcome::SignIn => Ok(page(sign_in(None, None))),
        Outcome::Standing(challenge) => Ok(page(code(&challenge, rules, None, now))),
        Outcome::Me(session) => Ok(page(signed_in(&session))),
        // After a form, the page that comes is read anew, so that going back sends nothing twice.
        Outcome::Begun(challenge) | Outcome::Renewed(challenge) => see_other(&path_of(&challenge)),
        Outcome::SignedIn(..) => see_other("/me"),
        Outcome::SignedOut => see_other("/login"),
        Outcome::File(file) => Ok(file),
    }
}

fn page(markup: Markup) -> Response<Body> {
    common::http::page::html(markup.into_string())
}

fn title(name: &str, problem: Option<&Problem>) -> String {
    if problem.is_some() { format!("Error: {name}") } else { name.to_owned() }
}

/// The page to sign in on; with a problem, what went wrong the last time.
#[must_use]
pub(crate) fn sign_in(username: Option<&str>, problem: Option<&Problem>) -> Markup {
    let is_wrong = problem.map(|_| "true");
    SITE.document(
        &title("Sign in", problem),
        &html! {
            h1 { "Sign in" }
            @if let Some(problem) = problem { (alert(problem)) }
            form #sign-in method="post" action="/login" {
                label for="username" { "User name" }
                input #username name="username" value=[username] required maxlength="64"
                    autocomplete="username" autocapitalize="none" spellcheck="false"
                    aria-invalid=[is_wrong] aria-describedby=[problem.map(|_| "problem")];
                label for="password" { "Password" }
                input #password name="password" type="password" required maxlength="256"
                    autocomplete="current-password"
                    aria-invalid=[is_wrong] aria-describedby=[problem.map(|_| "problem")];
                button #submit type="submit" { "Sign in" }
            }
        },
    )
}

const REFUSED: &str = "No code can be sent to this number now.";

/// What is said of a delivery.
fn said(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Requested | Delivery::Sending { .. } => "Your code is being made and sent.",
        Delivery::Sent => "Your code was sent.",
        Delivery::Failed => "Your code could not be sent. Ask for another one.",
        Delivery::Refused(_) => REFUSED,
    }
}

/// The page to enter the code on. It is there while the code is still being made: how far it got
/// is told, live with scripts and by a link without.
#[must_use]
pub(crate) fn code(
    challenge: &Challenge,
    rules: &Rules,
    problem: Option<&Problem>,
    now: SystemTime,
) -> Markup {
    let path = path_of(challenge);
    let status = match challenge.delivery {
        Delivery::Sending { .. } => Delivery::Requested.word(),
        other => other.word(),
    };
    let left = |time| if time > now { seconds_until(time, now) } else { 0 };
    let valid = challenge.code.as_ref().filter(|_| challenge.delivery == Delivery::Sent);
    let valid = valid.map(|code| left(code.expires));
    // Nothing that is entered could help any more, and no other code either.
    let is_over = challenge.attempts >= rules.max_attempts
        || matches!(challenge.delivery, Delivery::Refused(_));
    let has_more = !is_over && challenge.number < rules.max_codes;
    let is_waiting = status == Delivery::Requested.word();
    SITE.document(
        &title("Enter your code", problem),
        &html! {
            h1 { "Enter your code" }
            @if let Some(problem) = problem { (alert(problem)) }
            @if !is_over {
                p { "It comes as a text message to the number that ends in "
                    strong { (redact::phone(challenge.phone.number()).trim_start_matches('*')) } "." }
            }
            p #delivery role="status" data-status=(status) data-path=(path)
                data-requested=(said(Delivery::Requested)) data-sent=(said(Delivery::Sent))
                data-failed=(said(Delivery::Failed)) data-refused=(REFUSED) {
                (said(challenge.delivery))
            }
            @if !is_over { (code_form(&path, problem, valid, left(challenge.resend_at))) }
            @if has_more {
                form #resend method="post" action={ (path) "/resend" } {
                    button #resend-button type="submit" { "Send another code" }
                }
            }
            ul {
                @if is_waiting { li { a #check-again href=(path) { "Check again" } } }
                li { a href="/login" { "Start again" } }
            }
        },
    )
}

/// The form for the code. What is counted down is told in words, too, for those without scripts.
fn code_form(path: &str, problem: Option<&Problem>, valid: Option<u64>, resend: u64) -> Markup {
    let described_by = if problem.is_some() { "problem countdown" } else { "countdown" };
    html! {
        form #enter-code method="post" action={ (path) "/code" } {
            label for="code" { "Code" }
            input #code name="code" required inputmode="numeric" autocomplete="one-time-code"
                maxlength="16" aria-invalid=[problem.map(|_| "true")] aria-describedby=(described_by);
            p #countdown data-expires=[valid] data-resend=(resend) {
                @if let Some(valid) = valid { "The code is valid for " (minutes(valid)) "." }
            }
            button #submit type="submit" { "Continue" }
        }
    }
}

/// A time that is left, in words.
fn minutes(seconds: u64) -> String {
    match seconds.div_ceil(60) {
        0 => "no more time".to_owned(),
        1 => "one minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

fn signed_in(session: &Session) -> Markup {
    SITE.document(
        "Signed in",
        &html! {
            h1 { "Signed in" }
            p { "You are signed in as " strong #username { (session.username) } "." }
            form #sign-out method="post" action="/logout" {
                button #submit type="submit" { "Sign out" }
            }
        },
    )
}

/// A page for what has no page of its own.
#[must_use]
pub(crate) fn other(problem: &Problem) -> Markup {
    SITE.document(
        &title("Sign in", Some(problem)),
        &html! {
            h1 { "That did not work" }
            (alert(problem))
            p { a href="/login" { "Sign in" } }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_enter_is_text_and_not_markup() {
        let page = sign_in(Some("\"><script>alert(1)</script>"), None).into_string();
        assert!(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert"));
    }

    #[test]
    fn times_are_told_in_words() {
        assert_eq!(
            [0, 1, 60, 61, 300].map(minutes)[1..4],
            ["one minute", "one minute", "2 minutes"]
        );
    }
}
