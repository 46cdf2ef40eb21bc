//! What a mail is, who sends it, and how sending it fails.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use common::batch::{Backoff, Failure};

/// A mail to one person. `Debug` shows nothing that is in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Whom it is for.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// What it says, as plain text.
    pub text: String,
    /// What it says, as HTML.
    pub html: String,
    /// Further headers: visible ASCII and spaces, a name and its value at most 996 characters.
    pub headers: Vec<(&'static str, String)>,
    /// What the provider counts it under: letters, digits, `_`, `-`, `.` and `@`.
    pub tags: Vec<(&'static str, String)>,
}

impl Mail {
    /// Lets mail programs offer to unsubscribe (RFC 2369), with one click (RFC 8058): they POST to
    /// the link, which must be of HTTPS.
    #[must_use]
    pub fn unsubscribed_by(mut self, link: &str) -> Self {
        self.headers.push(("List-Unsubscribe", format!("<{link}>")));
        self.headers.push(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
        self
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("tags", &self.tags).finish_non_exhaustive()
    }
}

/// Sends mails.
pub trait Mails: Send + Sync + 'static {
    /// Sends a mail; tells the id that the provider gave it.
    fn send(&self, mail: &Mail) -> impl Future<Output = Result<String, MailError>> + Send;
}

/// How sending a mail fails decides whether it may be sent again. Causes are for the log: they hold
/// nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The provider refuses this mail for good: the address or what it says is wrong.
    #[error("refused: {0}")]
    Refused(String),
    /// It was surely not sent.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The provider did not answer: it may have been sent.
    #[error("perhaps sent: {0}")]
    Unknown(String),
}

/// How long a mail waits before it is tried again. Nobody waits for it, and a provider that is
/// busy, paused or down needs more than minutes: twelve receives are spread over up to an hour and
/// a half.
pub const BACKOFF: Backoff =
    Backoff { base: Duration::from_secs(20), cap: Duration::from_mins(15) };

/// A mail that was perhaps sent is sent again: two are better than none.
impl From<MailError> for Failure {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Refused(_) => Self::permanent(error),
            MailError::NotSent(_) | MailError::Unknown(_) => Self::transient(error),
        }
    }
}

/// Who mails are from: `address@host` or `Name <address@host>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender(String);

/// A text that names no sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sender is an address, or a name and an address in angle brackets")]
pub struct SenderError;

impl Sender {
    /// As a header has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Sender {
    type Err = SenderError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let address = match text.split_once('<') {
            Some((_, rest)) => rest.strip_suffix('>').ok_or(SenderError)?,
            None => text,
        };
        let (local, host) = address.split_once('@').ok_or(SenderError)?;
        let is_plain = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic() && !b"<>@,;".contains(&b))
        };
        let is_sender = is_plain(local) && is_plain(host) && !text.contains(char::is_control);
        if is_sender { Ok(Self(text.to_owned())) } else { Err(SenderError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            to: "ada@example.com".into(),
            subject: "Hello Ada".into(),
            text: "Hello".into(),
            html: "<p>Hello</p>".into(),
            headers: vec![],
            tags: vec![("step", "email-user".into())],
        }
    }

    #[test]
    fn a_mail_is_not_shown() {
        let shown = format!("{:?}", mail().unsubscribed_by("https://api.example/secret"));
        assert!(shown.contains("email-user"), "{shown}");
        for hidden in ["ada", "Ada", "Hello", "secret"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }

    #[test]
    fn mail_programs_can_unsubscribe_with_one_click() {
        let headers = mail().unsubscribed_by("https://api.example/u/t").headers;
        assert_eq!(headers[0], ("List-Unsubscribe", "<https://api.example/u/t>".to_owned()));
        let one_click = "List-Unsubscribe=One-Click".to_owned();
        assert_eq!(headers[1], ("List-Unsubscribe-Post", one_click));
    }

    #[test]
    fn only_what_is_refused_is_not_sent_again() {
        let failure = |error: fn(String) -> MailError| Failure::from(error("Code".into()));
        assert_eq!(failure(MailError::Refused), Failure::permanent("refused: Code"));
        assert_eq!(failure(MailError::NotSent), Failure::transient("not sent: Code"));
        assert_eq!(failure(MailError::Unknown), Failure::transient("perhaps sent: Code"));
    }

    #[test]
    fn senders_are_addresses() {
        for text in ["hello@example.com", "Example <hello@example.com>", "\"A, B\" <a@b>"] {
            assert_eq!(text.parse::<Sender>().map(|sender| sender.as_str() == text), Ok(true));
        }
        for text in ["", "hello", "@b", "a@", "a@b@c", "A <a@b", "a@b, c@d", "A\r\nB <a@b>"] {
            assert_eq!(text.parse::<Sender>(), Err(SenderError), "{text}");
        }
    }
}
