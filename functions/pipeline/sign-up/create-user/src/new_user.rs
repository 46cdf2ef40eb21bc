//! Whom to let in: a request that was read whole, or everything that is wrong with it.

use std::fmt::{self, Display};
use std::str::FromStr;

use common::idempotency::{Fingerprint, Key};
use common::journal::Context;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sign_in::{Phone, Username};

use crate::email::EmailAddress;
use crate::locale::Locale;
use crate::password::Password;

/// Longest request body that is read, in bytes.
pub const MAX_BODY: usize = 16 * 1024;
/// The members a request may have.
const MEMBERS: [&str; 6] = ["username", "email", "phone", "password", "locale", "newsletter"];
/// So many unknown members are told of, so that a small body makes no large answer.
const MAX_UNKNOWN: usize = 10;

/// A request to sign up, known to be good. Not shown by `Debug`.
#[derive(Clone, PartialEq)]
pub struct NewUser {
    /// The name, which nobody else may have.
    pub username: Username,
    /// The address, which nobody else may have.
    pub email: EmailAddress,
    /// Where codes are texted. Without one there is no signing in.
    pub phone: Option<Phone>,
    /// What the user is going to sign in with.
    pub password: Password,
    /// The language of what is written to the user.
    pub locale: Locale,
    /// What the user wants to be sent: anything, and nothing is nothing.
    pub newsletter: Option<Value>,
}

/// One thing wrong with a request, as a member of a problem's `errors`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// What, in words that repeat nothing of the value.
    pub detail: String,
}

impl FieldError {
    fn new(member: &str, detail: impl Display) -> Self {
        let escaped = member.replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("/{escaped}"), detail: detail.to_string() }
    }
}

impl NewUser {
    /// Reads a request and reports everything that is wrong with it. Null counts as missing.
    ///
    /// # Errors
    /// One entry per fault.
    pub fn parse(body: &Value) -> Result<Self, Vec<FieldError>> {
        let Value::Object(members) = body else {
            let detail = "must be an object".to_owned();
            return Err(vec![FieldError { pointer: String::new(), detail }]);
        };
        let mut fields = Fields { members, faults: Vec::new() };
        let username: Option<Username> = fields.required("username");
        let email: Option<EmailAddress> = fields.required("email");
        let phone = fields.optional("phone");
        let password = fields.password(username.as_ref(), email.as_ref());
        let locale = fields.optional("locale").unwrap_or_default();
        let newsletter = fields.given("newsletter").cloned();
        let unknown = members.keys().filter(|member| !MEMBERS.contains(&member.as_str()));
        let unknown = unknown.take(MAX_UNKNOWN);
        fields.faults.extend(unknown.map(|m| FieldError::new(m, "is not a member of a user")));
        match (username, email, password) {
            (Some(username), Some(email), Some(password)) if fields.faults.is_empty() => {
                Ok(Self { username, email, phone, password, locale, newsletter })
            }
            _ => Err(fields.faults),
        }
    }

    /// What makes two requests the same, however they are spelled.
    ///
    /// The password is a part of it, and a digest of a password can be guessed at quickly. So the key
    /// comes first, which is not stored and which nobody but the client knows.
    #[must_use]
    pub fn fingerprint(&self, key: &Key) -> Fingerprint {
        let newsletter = self.newsletter.as_ref().map(Value::to_string).unwrap_or_default();
        Fingerprint::of(&[
            key.as_str().as_bytes(),
            self.username.as_str().as_bytes(),
            self.email.as_str().as_bytes(),
            self.phone.as_ref().map_or("", Phone::number).as_bytes(),
            self.password.expose().as_bytes(),
            self.locale.as_str().as_bytes(),
            newsletter.as_bytes(),
        ])
    }

    /// What the run starts with. `webhook` says whether somebody is to hear of the user.
    #[must_use]
    pub fn context(&self, webhook: bool) -> Context {
        let mut context = Context::from_iter([
            ("username".to_owned(), json!(self.username.as_str())),
            ("email".to_owned(), json!(self.email.as_str())),
            ("locale".to_owned(), json!(self.locale.as_str())),
        ]);
        let phone = self.phone.as_ref().map(|phone| json!(phone.number()));
        let webhook = webhook.then_some(Value::Bool(true));
        for (name, value) in
            [("phone", phone), ("newsletter", self.newsletter.clone()), ("webhook", webhook)]
        {
            context.extend(value.map(|value| (name.to_owned(), value)));
        }
        context
    }
}

impl fmt::Debug for NewUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewUser(***)")
    }
}

/// The members of a request, and what was wrong with those that were read.
struct Fields<'a> {
    members: &'a Map<String, Value>,
    faults: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    fn given(&self, member: &str) -> Option<&'a Value> {
        self.members.get(member).filter(|value| !value.is_null())
    }

    fn required<T: FromStr<Err: Display>>(&mut self, member: &str) -> Option<T> {
        if self.given(member).is_none() {
            self.faults.push(FieldError::new(member, "is required"));
        }
        self.optional(member)
    }

    fn optional<T: FromStr<Err: Display>>(&mut self, member: &str) -> Option<T> {
        let text = self.text(member)?;
        text.parse().map_err(|error| self.faults.push(FieldError::new(member, error))).ok()
    }

    fn text(&mut self, member: &str) -> Option<&'a str> {
        match self.given(member)? {
            Value::String(text) => Some(text),
            _ => {
                self.faults.push(FieldError::new(member, "must be a string"));
                None
            }
        }
    }

    fn password(
        &mut self,
        username: Option<&Username>,
        email: Option<&EmailAddress>,
    ) -> Option<Password> {
        if self.given("password").is_none() {
            self.faults.push(FieldError::new("password", "is required"));
        }
        let text = self.text("password")?;
        let names = username.map(Username::as_str).into_iter();
        let names =
            names.chain(email.into_iter().flat_map(|email| [email.as_str(), email.local()]));
        let chosen = Password::choose(text, names);
        chosen.map_err(|error| self.faults.push(FieldError::new("password", error))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body() -> Value {
        json!({
            "username": "Ünal", "email": "uenal@example.com", "phone": "+15550100123",
            "password": "correct horse battery staple", "locale": "de-AT",
            "newsletter": { "topics": ["rust"] }
        })
    }

    fn with(member: &str, value: &Value) -> Value {
        let mut body = body();
        body[member] = value.clone();
        body
    }

    fn faults(body: &Value) -> Vec<(String, String)> {
        NewUser::parse(body).unwrap_err().into_iter().map(|e| (e.pointer, e.detail)).collect()
    }

    #[test]
    fn a_good_request_makes_a_user_and_a_context_without_a_password() {
        let user = NewUser::parse(&body()).unwrap();
        let mut expected = body();
        expected.as_object_mut().unwrap().remove("password");
        assert_eq!(Value::Object(user.context(false)), expected);
        expected["webhook"] = json!(true);
        assert_eq!(Value::Object(user.context(true)), expected);
        assert_eq!(format!("{user:?}"), "NewUser(***)");
    }

    #[test]
    fn missing_and_null_are_one_and_leave_nothing_behind() {
        let given = json!({
            "username": "ada", "email": "ada@example.com", "password": "staple battery",
            "phone": null, "locale": null, "newsletter": null
        });
        let user = NewUser::parse(&given).unwrap();
        let expected = json!({ "username": "ada", "email": "ada@example.com", "locale": "en" });
        assert_eq!(Value::Object(user.context(false)), expected);
        let required = [with("username", &Value::Null), with("password", &Value::Null)];
        for (body, pointer) in required.iter().zip(["/username", "/password"]) {
            assert_eq!(faults(body), [(pointer.to_owned(), "is required".to_owned())]);
        }
    }

    #[test]
    fn a_newsletter_is_any_value_but_null() {
        for value in [json!(false), json!(0), json!(""), json!([]), json!({ "a": null })] {
            let user = NewUser::parse(&with("newsletter", &value)).unwrap();
            assert_eq!(user.context(false)["newsletter"], value);
        }
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let all = faults(&json!({
            "username": " ", "email": "ada@", "phone": "0155", "password": "short",
            "locale": 7, "na/me~": 1
        }));
        let pointers: Vec<&str> = all.iter().map(|(pointer, _)| pointer.as_str()).collect();
        let expected = ["/username", "/email", "/phone", "/password", "/locale", "/na~1me~0"];
        assert_eq!(pointers, expected);
        assert_eq!(all[4].1, "must be a string");
        assert_eq!(faults(&json!({})).len(), 3);
        assert_eq!(faults(&json!([])), [(String::new(), "must be an object".to_owned())]);
    }

    #[test]
    fn what_is_told_repeats_nothing_and_is_bounded() {
        let body = json!({
            "username": "hunter2\u{7}", "email": "hunter2", "phone": "hunter2", "password": "hunter2",
            "locale": "hunter2!"
        });
        let told = faults(&body);
        assert_eq!(told.len(), 5);
        assert!(told.iter().all(|(_, detail)| !detail.contains("hunter2")), "{told:?}");
        let many = (0..2000).map(|n| (format!("m{n}"), json!(1)));
        let many = Value::Object(many.collect());
        assert_eq!(faults(&many).len(), 3 + MAX_UNKNOWN);
    }

    #[test]
    fn a_password_that_follows_from_the_account_is_refused() {
        for password in ["uenal@example.com", "UENAL@example.COM"] {
            assert_eq!(faults(&with("password", &json!(password)))[0].0, "/password");
        }
        let mut body = with("username", &json!("Ada Lovelace"));
        body["password"] = json!("ada lovelace");
        assert_eq!(faults(&body)[0].0, "/password");
    }

    #[test]
    fn a_fingerprint_is_one_of_everything_and_of_the_key() {
        let key: Key = "8e03978e-40d5-43dd-bc93-6894a57f9324".parse().unwrap();
        let of = |body: &Value| NewUser::parse(body).unwrap().fingerprint(&key);
        let first = of(&body());
        assert_eq!(of(&with("username", &json!(" Ünal "))), first, "spelled in another way");
        for (member, value) in [
            ("username", json!("ünal")),
            ("email", json!("u@example.com")),
            ("phone", Value::Null),
            ("password", json!("correct horse battery staples")),
            ("locale", json!("de")),
            ("newsletter", json!("")),
            ("newsletter", Value::Null),
        ] {
            assert_ne!(of(&with(member, &value)), first, "{member}");
        }
        let other: Key = "other".parse().unwrap();
        assert_ne!(NewUser::parse(&body()).unwrap().fingerprint(&other), first);
    }
}
