//! The mails that people would have got.

use serde_json::Value;

use crate::api::{send_to, variable};

/// A mail, as the local AWS keeps it (`infra/local/patches/mail_outbox.py`).
#[derive(Debug, Clone)]
pub(super) struct Mail(Value);

/// The mails to an address, oldest first.
pub(super) fn to(address: &str) -> Vec<Mail> {
    fetch(&format!("?to={address}"))
}

/// All mails to anybody.
pub(super) fn all() -> Vec<Mail> {
    fetch("")
}

fn fetch(query: &str) -> Vec<Mail> {
    let url = format!("{}/_ministack/ses/messages{query}", variable("AWS_ENDPOINT_URL"));
    let answer = send_to("GET", &url, &[], "").json();
    let accounts = answer["messages"].as_object().unwrap().values();
    accounts.flat_map(|mails| mails.as_array().unwrap().clone()).map(Mail).collect()
}

impl Mail {
    pub(super) fn field(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap()
    }

    /// When it was sent, in milliseconds since 1970.
    #[expect(clippy::cast_possible_truncation, reason = "fits for millions of years")]
    pub(super) fn sent_at(&self) -> i64 {
        (self.0["Timestamp"].as_f64().unwrap() * 1000.0) as i64
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.named("Headers", name)
    }

    /// What the sender had it counted under.
    pub(super) fn tag(&self, name: &str) -> Option<&str> {
        self.named("Tags", name)
    }

    fn named(&self, list: &str, name: &str) -> Option<&str> {
        let found = self.0[list].as_array()?.iter().find(|entry| entry["Name"] == name)?;
        found["Value"].as_str()
    }

    pub(super) fn is_welcome(&self) -> bool {
        self.tag("step") == Some("email-user")
    }

    /// The path of its link to confirm a subscription.
    pub(super) fn confirmation(&self) -> String {
        path(self.field("BodyText"), "confirm")
    }

    /// The path by which mail programs unsubscribe.
    pub(super) fn unsubscription(&self) -> String {
        path(self.header("List-Unsubscribe").expect("List-Unsubscribe"), "unsubscribe")
    }
}

/// The path for a purpose in a text, without the host.
fn path(text: &str, purpose: &str) -> String {
    let at = text.find(&format!("/subscriptions/{purpose}/"));
    let rest = &text[at.unwrap_or_else(|| panic!("no link to {purpose} in {text}"))..];
    let end = rest.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(rest.len());
    rest[..end].to_owned()
}
