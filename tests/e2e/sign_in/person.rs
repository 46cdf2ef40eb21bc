//! Users that nobody else uses.

use std::sync::{Mutex, PoisonError};

use common::idempotency::EffectId;
use serde_json::json;

use crate::api::unique;

use super::table;

static ALL: Mutex<Vec<Person>> = Mutex::new(Vec::new());

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) phone: String,
}

impl Person {
    /// Somebody new with a telephone of their own, whose number is nobody's in reality.
    pub(crate) fn new() -> Self {
        Self::with_phone(&fresh_phone())
    }

    /// Somebody new with a given telephone.
    pub(crate) fn with_phone(phone: &str) -> Self {
        let person = Self::written(&unique("e2e"), phone);
        ALL.lock().unwrap_or_else(PoisonError::into_inner).push(person.clone());
        person
    }

    /// Somebody with a given name, who was somebody else before.
    pub(crate) fn named(username: &str) -> Self {
        Self::written(username, &fresh_phone())
    }

    fn written(username: &str, phone: &str) -> Self {
        let person = Self {
            username: username.to_owned(),
            password: unique("Correct horse"),
            phone: phone.to_owned(),
        };
        table::put_user(&json!({
            "pk": { "S": format!("user#{}", person.username) },
            "username": { "S": person.username },
            "password": { "S": common::password::hash(&person.password).unwrap() },
            "phone": { "S": person.phone },
            "locale": { "S": "en" },
            "created_at": { "S": "2026-01-01T00:00:00.000Z" },
        }));
        person
    }

    /// All with names of their own that there were so far.
    pub(crate) fn all() -> Vec<Self> {
        ALL.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A number that no other test uses, and no simulator.
pub(crate) fn fresh_phone() -> String {
    format!("+15552{:09}", random(1_000_000_000))
}

/// One of the hundred numbers of the local AWS that begin so (`infra/local/patches/sms_simulator.py`).
pub(crate) fn simulated_phone(prefix: &str) -> String {
    format!("{prefix}{:02}", random(100))
}

/// A number under this one.
pub(crate) fn random(below: u64) -> u64 {
    let digits: String =
        EffectId::random().unwrap().to_string().chars().filter(char::is_ascii_hexdigit).collect();
    u64::from_str_radix(&digits[..15], 16).unwrap() % below
}
