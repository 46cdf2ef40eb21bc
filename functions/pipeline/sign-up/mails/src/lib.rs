//! What the functions of the sign-up that write mails agree on.
//!
//! [`Mails`] is the port, with [`MailError`] telling whether a mail may be sent again; `SesMails`
//! (feature `ses`) sends through Amazon SES, `Outbox` (feature `testing`) keeps what would have been
//! sent. [`Links`] makes the signed links that mails lead to, and [`Language`] chooses the words.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod language;
mod links;
mod mail;
#[cfg(feature = "testing")]
mod outbox;
#[cfg(feature = "ses")]
mod ses;

pub use common::signed::LinkKey;
pub use language::Language;
pub use links::{CONFIRM, CONFIRM_TTL, Links, Origin, OriginError, UNSUBSCRIBE, UNSUBSCRIBE_TTL};
pub use mail::{BACKOFF, Mail, MailError, Mails, Sender, SenderError};
#[cfg(feature = "testing")]
pub use outbox::Outbox;
#[cfg(feature = "ses")]
pub use ses::SesMails;
