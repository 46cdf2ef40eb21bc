//! What a request comes to, and its answer for programs. For people: [`crate::pages`].

use std::time::{Duration, SystemTime};

use common::clock::rfc3339;
use common::http::json;
use common::problem::Problem;
use common::redact;
use lambda_http::http::header::{LOCATION, SET_COOKIE};
use lambda_http::http::{HeaderMap, HeaderValue, StatusCode};
use lambda_http::{Body, Response};
use serde_json::{Value, json};
use sign_in::session::{PLAIN_COOKIE, SECURE_COOKIE};
use sign_in::{Challenge, Delivery, Session, Token};

use crate::config::Rules;
use crate::pages;

/// What a request comes to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The page to sign in on.
    SignIn,
    /// The password was right; a code is asked for.
    Begun(Challenge),
    /// How a challenge stands.
    Standing(Challenge),
    /// Another code is asked for.
    Renewed(Challenge),
    /// The code was right.
    SignedIn(Token, Session),
    /// Who is signed in.
    Me(Session),
    /// Nobody is signed in any more.
    SignedOut,
    /// A file of the pages.
    File(Response<Body>),
}

/// A challenge as the API shows it.
#[must_use]
pub(crate) fn document(challenge: &Challenge, rules: &Rules, now: SystemTime) -> Value {
    let status = match challenge.delivery {
        // Whether a code was made already is nobody's business until it is sent.
        Delivery::Sending { .. } => Delivery::Requested.word(),
        other => other.word(),
    };
    let mut document = json!({
        "challenge": challenge.id.to_string(),
        "status": status,
        "sentTo": redact::phone(challenge.phone.number()),
        "expiresAt": rfc3339(challenge.expires),
        "resendAt": rfc3339(challenge.resend_at),
        "attemptsLeft": rules.max_attempts.saturating_sub(challenge.attempts),
        "codesLeft": rules.max_codes.saturating_sub(challenge.number),
    });
    if let Some(code) = challenge.code.as_ref().filter(|_| challenge.delivery == Delivery::Sent) {
        document["codeExpiresAt"] = json!(rfc3339(code.expires));
        // For clients whose clock is wrong.
        document["codeExpiresIn"] =
            json!(code.expires.duration_since(now).unwrap_or_default().as_secs());
    }
    if let Delivery::Refused(refusal) = challenge.delivery {
        document["reason"] = json!(refusal.reason.word());
    }
    document
}

/// The answer for a program.
///
/// # Errors
/// An internal problem when a header cannot be made.
pub(crate) fn answer(
    outcome: Outcome,
    rules: &Rules,
    now: SystemTime,
) -> Result<Response<Body>, Problem> {
    match outcome {
        // A program that asks for the page gets it, there is nothing else.
        Outcome::SignIn | Outcome::File(_) => pages::answer(outcome, rules, now),
        Outcome::SignedOut => empty(StatusCode::NO_CONTENT),
        Outcome::Standing(challenge) => json(StatusCode::OK, &document(&challenge, rules, now)),
        Outcome::Begun(challenge) | Outcome::Renewed(challenge) => {
            let mut response = json(StatusCode::ACCEPTED, &document(&challenge, rules, now))?;
            response.headers_mut().insert(LOCATION, location(&path_of(&challenge))?);
            Ok(response)
        }
        Outcome::SignedIn(token, session) => json(
            StatusCode::OK,
            &json!({
                "username": session.username,
                "token": token.expose(),
                "expiresAt": rfc3339(session.expires),
            }),
        ),
        Outcome::Me(session) => json(
            StatusCode::OK,
            &json!({ "username": session.username, "expiresAt": rfc3339(session.expires) }),
        ),
    }
}

/// The path of a challenge.
#[must_use]
pub(crate) fn path_of(challenge: &Challenge) -> String {
    format!("/login/{}", challenge.id)
}

/// An answer without a body.
///
/// # Errors
/// Never; the type is that of the other answers.
pub(crate) fn empty(status: StatusCode) -> Result<Response<Body>, Problem> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = status;
    Ok(response)
}

/// Leads a browser to another page, which it reads with GET (RFC 9110, section 15.4.4).
///
/// # Errors
/// An internal problem when the path makes no header.
pub(crate) fn see_other(path: &str) -> Result<Response<Body>, Problem> {
    let mut response = empty(StatusCode::SEE_OTHER)?;
    response.headers_mut().insert(LOCATION, location(path)?);
    Ok(response)
}

fn location(path: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::try_from(path).map_err(Problem::internal)
}

/// The cookie that goes with an outcome: set when somebody signed in, deleted when they signed out.
///
/// # Errors
/// An internal problem when it makes no header.
pub(crate) fn cookie(
    outcome: &Outcome,
    is_secure: bool,
    now: SystemTime,
) -> Result<Option<HeaderValue>, Problem> {
    let (value, age) = match outcome {
        Outcome::SignedIn(token, session) => {
            (token.expose(), session.expires.duration_since(now).unwrap_or_default())
        }
        Outcome::SignedOut => ("", Duration::ZERO),
        _ => return Ok(None),
    };
    let (name, secure) = if is_secure { (SECURE_COOKIE, "; Secure") } else { (PLAIN_COOKIE, "") };
    let age = age.as_secs();
    // Lax: a link from elsewhere still finds the user signed in; other sites' forms do not.
    let text = format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text).map(Some).map_err(Problem::internal)
}

/// Adds a cookie.
pub(crate) fn add_cookie(headers: &mut HeaderMap, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        headers.append(SET_COOKIE, cookie);
    }
}
