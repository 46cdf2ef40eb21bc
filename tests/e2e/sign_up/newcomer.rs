//! People whom nobody knows yet.

use serde_json::{Value, json};

use crate::api::{Answer, JSON, send, unique};
use crate::sign_in::person::{Person, fresh_phone};

use super::run::Run;

/// Parts of the name, the address and the password of everybody, which nothing else has.
pub(super) const MARKS: [&str; 4] = ["person-", "newcomer-", "@simulator.example", "Correct horse"];

/// Somebody who may sign up.
#[derive(Debug, Clone)]
pub(super) struct Newcomer {
    pub(super) person: Person,
    pub(super) email: String,
    /// What is asked for besides.
    pub(super) more: Value,
}

impl Newcomer {
    /// Somebody who can be mailed.
    pub(super) fn new() -> Self {
        Self::with_address(&format!("{}@example.com", unique("newcomer")))
    }

    /// Somebody whose mails or calls fare as the local AWS simulates by the word, such as `refused`
    /// or `broken-1`.
    pub(super) fn who_is(behaviour: &str) -> Self {
        Self::with_address(&format!("{behaviour}.{}@simulator.example", unique("n")))
    }

    fn with_address(email: &str) -> Self {
        let person = Person {
            username: unique("person"),
            password: unique("Correct horse"),
            phone: fresh_phone(),
        };
        Self { person, email: email.to_owned(), more: json!({}) }
    }

    /// The same, asking for one thing more.
    pub(super) fn asking(mut self, member: &str, value: Value) -> Self {
        self.more[member] = value;
        self
    }

    /// What is sent to sign up.
    pub(super) fn body(&self) -> Value {
        let mut body = json!({
            "username": self.person.username,
            "email": self.email,
            "phone": self.person.phone,
            "password": self.person.password,
        });
        body.as_object_mut().unwrap().extend(self.more.as_object().unwrap().clone());
        body
    }

    /// Asks to be let in; with a key, if the same may be asked again.
    pub(super) fn ask(&self, key: Option<&str>) -> Answer {
        let key = key.map(|key| ("idempotency-key", key));
        let headers: Vec<_> = std::iter::once(JSON).chain(key).collect();
        send("POST", "/users", &headers, &self.body().to_string())
    }

    /// Signs up.
    pub(super) fn sign_up(&self) -> Run {
        Run::started_by(&self.ask(None))
    }
}
