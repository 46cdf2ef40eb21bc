//! One text, mail or post to a webhook, as the local AWS keeps it.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::{Value, json};

use super::mask;

/// A text, a mail or a post.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sent {
    /// When it was sent, in seconds since 1970.
    pub(crate) time: f64,
    kind: Kind,
    to: Vec<String>,
    /// The whole text, but of a mail the subject only, and of a post what it was answered.
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Mail,
    Post,
}

/// The texts in the answer of the local AWS, which keeps them by number.
pub(super) fn texts(answer: &Value) -> Vec<Sent> {
    let numbers = answer["sms_messages"].as_object().into_iter().flatten();
    numbers
        .flat_map(|(number, texts)| {
            texts.as_array().into_iter().flatten().map(|text| Sent {
                time: text["Timestamp"].as_f64().unwrap_or_default(),
                kind: Kind::Text,
                to: vec![number.clone()],
                text: string(&text["Message"]),
            })
        })
        .collect()
}

/// The mails in the answer of the local AWS, which keeps them by account.
pub(super) fn mails(answer: &Value) -> Vec<Sent> {
    let accounts = answer["messages"].as_object().into_iter().flatten();
    accounts
        .flat_map(|(_, mails)| mails.as_array().into_iter().flatten())
        .map(|mail| Sent {
            time: mail["Timestamp"].as_f64().unwrap_or_default(),
            kind: Kind::Mail,
            to: ["To", "CC", "BCC"]
                .iter()
                .flat_map(|field| mail[*field].as_array().into_iter().flatten())
                .map(string)
                .collect(),
            text: string(&mail["Subject"]),
        })
        .collect()
}

/// The posts in the answer of the local AWS, which takes them in the place of a receiver.
pub(super) fn posts(answer: &Value) -> Vec<Sent> {
    let posts = answer["webhooks"].as_array().into_iter().flatten();
    posts
        .map(|post| {
            let body: Value = serde_json::from_str(&string(&post["Body"])).unwrap_or_default();
            let word = |name: &str| body[name].as_str().unwrap_or("?").to_owned();
            Sent {
                time: post["Timestamp"].as_f64().unwrap_or_default(),
                kind: Kind::Post,
                to: vec!["webhook".to_owned()],
                text: format!("{} of run {}: {}", word("step"), word("run"), post["Status"]),
            }
        })
        .collect()
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Sent {
    /// Whether it went to this number or address, however that is written.
    pub(super) fn went_to(&self, recipient: &str) -> bool {
        let plain = |text: &str| text.replace(char::is_whitespace, "").to_lowercase();
        self.to.iter().any(|to| plain(to) == plain(recipient))
    }

    /// Hides who it went to, and every number in it. A post holds neither.
    pub(super) fn mask(&mut self) {
        if self.kind == Kind::Post {
            return;
        }
        for to in &mut self.to {
            *to = match self.kind {
                Kind::Text => mask::phone(to),
                Kind::Mail | Kind::Post => mask::email(to),
            };
        }
        self.text = mask::digits(&self.text);
    }

    /// All of it on one line.
    pub(super) fn line(&self) -> String {
        let words: Vec<&str> = self.text.split_whitespace().collect();
        let line = format!(
            "{}  {}  {}  {}",
            self.at(),
            self.kind.name(),
            self.to.join(", "),
            words.join(" ")
        );
        // What is sent may come from anybody, and a terminal obeys control characters.
        line.chars().filter(|c| !c.is_control()).collect()
    }

    /// All of it for other programs.
    pub(super) fn to_json(&self) -> Value {
        json!({ "at": self.at(), "kind": self.kind.name(), "to": self.to, "text": self.text })
    }

    fn at(&self) -> String {
        let since_1970 = Duration::try_from_secs_f64(self.time).unwrap_or_default();
        humantime::format_rfc3339_seconds(UNIX_EPOCH + since_1970).to_string()
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Mail => "mail",
            Self::Post => "post",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_hold_nothing_are_read() {
        for empty in [json!({}), json!({ "sms_messages": {}, "messages": {} }), json!(null)] {
            assert!(texts(&empty).is_empty() && mails(&empty).is_empty(), "{empty}");
            assert!(posts(&empty).is_empty(), "{empty}");
        }
    }

    #[test]
    fn a_post_shows_whose_it_was_and_its_answer() {
        let body = r#"{"run":"0123","step":"call-webhook","context":{"email":"ada@example.com"}}"#;
        let post = json!({ "Timestamp": 0.0, "Body": body, "Status": 204, "Headers": {} });
        let mut found = posts(&json!({ "webhooks": [post] }));
        found[0].mask();
        let line = "1970-01-01T00:00:00Z  post  webhook  call-webhook of run 0123: 204";
        assert_eq!(found[0].line(), line);
    }

    #[test]
    fn a_line_has_no_control_characters() {
        let sent = Sent {
            time: 0.0,
            kind: Kind::Text,
            to: vec!["+15550100".to_owned()],
            text: "a\u{1b}[2J\r\nb\u{7}".to_owned(),
        };
        assert_eq!(sent.line(), "1970-01-01T00:00:00Z  text  +15550100  a[2J b");
    }

    #[test]
    fn a_mail_shows_all_its_recipients() {
        let mail =
            json!({ "To": ["a@example.com"], "CC": ["b@example.com"], "BCC": ["c@example.com"] });
        let mut mails = mails(&json!({ "messages": { "1": [mail] } }));
        mails[0].mask();
        assert_eq!(mails[0].to, ["a***@example.com", "b***@example.com", "c***@example.com"]);
    }
}
