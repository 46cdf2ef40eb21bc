//! One attempt to sign in, step by step.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::{Answer, get, post};

use super::outbox;
use super::person::Person;
use super::turns::eventually;

/// A code that waits for nothing is there at once; one that had to wait for a queue takes longer.
pub(crate) const SOON: Duration = Duration::from_secs(30);

/// An attempt whose password was right.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) id: String,
    pub(crate) person: Person,
    /// The document that the password was answered with.
    pub(crate) first: Value,
}

/// Sends a name and a password.
pub(crate) fn log_in(username: &str, password: &str) -> Answer {
    post("/login", &json!({ "username": username, "password": password }).to_string())
}

impl Attempt {
    /// Sends the right password.
    pub(crate) fn start(person: &Person) -> Self {
        let answer = log_in(&person.username, &person.password);
        assert_eq!(answer.status, 202, "{}", answer.text);
        let first = answer.json();
        let id = first["challenge"].as_str().unwrap().to_owned();
        assert_eq!(answer.header("location"), Some(format!("/login/{id}").as_str()));
        Self { id, person: person.clone(), first }
    }

    /// Sends the right password and waits for the text.
    pub(crate) fn with_text(person: &Person) -> Self {
        let attempt = Self::start(person);
        attempt.wait_for("sent", SOON);
        attempt
    }

    pub(crate) fn path(&self) -> String {
        format!("/login/{}", self.id)
    }

    /// How it stands.
    pub(crate) fn document(&self) -> Value {
        let answer = get(&self.path());
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    pub(crate) fn status(&self) -> String {
        self.document()["status"].as_str().unwrap().to_owned()
    }

    /// Waits until the code is sent, or whatever is to become of it.
    pub(crate) fn wait_for(&self, status: &str, limit: Duration) {
        let what = format!("the code of {} is {status}", self.id);
        eventually(&what, limit, || {
            let now = self.status();
            assert!(now == "requested" || now == status, "the code is {now}, not {status}");
            (now == status).then_some(())
        });
    }

    /// The code that was texted last.
    pub(crate) fn code(&self) -> String {
        outbox::codes(&self.person.phone).pop().expect("a text was sent")
    }

    pub(crate) fn guess(&self, code: &str) -> Answer {
        post(&format!("{}/code", self.path()), &json!({ "code": code }).to_string())
    }

    pub(crate) fn resend(&self) -> Answer {
        post(&format!("{}/resend", self.path()), "{}")
    }

    /// Asks for another code as soon as that is allowed, and waits until it is sent.
    pub(crate) fn resend_in_time(&self) {
        eventually("another code may be asked for", SOON, || {
            let answer = self.resend();
            assert!([202, 429].contains(&answer.status), "{}: {}", answer.status, answer.text);
            (answer.status == 202).then_some(())
        });
        self.wait_for("sent", SOON);
    }
}

/// Asserts what a refusal is, and that those to be repeated say when.
pub(crate) fn assert_refused(answer: &Answer, status: u16, kind: &str) {
    let problem = answer.json();
    assert_eq!((answer.status, outbox::kind(&problem)), (status, kind), "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    if matches!(status, 409 | 429) {
        let seconds: u64 = answer.header("retry-after").expect("Retry-After").parse().unwrap();
        assert!(seconds >= 1, "Retry-After: {seconds}");
    }
}
