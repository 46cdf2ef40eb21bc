//! How challenges, users and sessions are stored in DynamoDB.

use aws_sdk_dynamodb::types::AttributeValue;
pub use common::aws::item::{AttributeError, Item, millis, number, seconds, text};
use common::aws::item::{optional, parsed, read_millis, read_number, read_seconds, read_text};

use crate::challenge::{Challenge, ChallengeId, Delivery, Refusal, RegisteredCode};
use crate::limits::Tally;
use crate::session::{Session, TokenDigest};
use crate::user::User;

/// The key of an item: its attribute `pk`.
#[must_use]
pub fn key(pk: &str) -> Item {
    Item::from([("pk".to_owned(), text(pk))])
}

/// The key of a challenge.
#[must_use]
pub fn challenge_key(id: ChallengeId) -> String {
    format!("challenge#{id}")
}

/// The key of a session.
#[must_use]
pub fn session_key(digest: &TokenDigest) -> String {
    format!("session#{}", digest.as_str())
}

/// A challenge as it is stored.
#[must_use]
pub fn from_challenge(challenge: &Challenge) -> Item {
    let mut item = key(&challenge_key(challenge.id));
    let mut set = |name: &str, value| {
        item.insert(name.to_owned(), value);
    };
    set("username", text(&challenge.username));
    set("phone", text(challenge.phone.number()));
    set("locale", text(&challenge.locale));
    set("expires", seconds(challenge.expires));
    set("number", number(challenge.number));
    set("counted", number(challenge.counted));
    set("resend_at", seconds(challenge.resend_at));
    set("attempts", number(challenge.attempts));
    if let Some(code) = &challenge.code {
        set("code_mac", text(code.mac.as_str()));
        set("code_expires", seconds(code.expires));
    }
    for (name, value) in delivery_attributes(challenge.delivery) {
        set(name, value);
    }
    item
}

/// What became of a code, as attributes.
#[must_use]
pub fn delivery_attributes(delivery: Delivery) -> Vec<(&'static str, AttributeValue)> {
    let mut attributes = vec![("delivery", text(delivery.word()))];
    match delivery {
        Delivery::Sending { lease_ends } => attributes.push(("lease_ends", millis(lease_ends))),
        Delivery::Refused(Refusal { reason, until }) => {
            attributes.push(("reason", text(reason.word())));
            attributes.extend(until.map(|until| ("refused_until", seconds(until))));
        }
        Delivery::Requested | Delivery::Sent | Delivery::Failed => {}
    }
    attributes
}

/// Reads a challenge.
///
/// # Errors
/// The attribute that is missing or of another type.
pub fn to_challenge(item: &Item) -> Result<Challenge, AttributeError> {
    let id = read_text(item, "pk")?.strip_prefix("challenge#").ok_or(AttributeError("pk"))?;
    let code = match optional(item, "code_mac", parsed)? {
        Some(mac) => Some(RegisteredCode { mac, expires: read_seconds(item, "code_expires")? }),
        None => None,
    };
    Ok(Challenge {
        id: id.parse().map_err(|_| AttributeError("pk"))?,
        username: read_text(item, "username")?.to_owned(),
        phone: parsed(item, "phone")?,
        locale: read_text(item, "locale")?.to_owned(),
        expires: read_seconds(item, "expires")?,
        number: read_number(item, "number")?,
        counted: read_number(item, "counted")?,
        resend_at: read_seconds(item, "resend_at")?,
        attempts: read_number(item, "attempts")?,
        delivery: to_delivery(item)?,
        code,
    })
}

fn to_delivery(item: &Item) -> Result<Delivery, AttributeError> {
    Ok(match read_text(item, "delivery")? {
        "requested" => Delivery::Requested,
        "sending" => Delivery::Sending { lease_ends: read_millis(item, "lease_ends")? },
        "sent" => Delivery::Sent,
        "failed" => Delivery::Failed,
        "refused" => Delivery::Refused(Refusal {
            reason: parsed(item, "reason")?,
            until: optional(item, "refused_until", read_seconds)?,
        }),
        _ => return Err(AttributeError("delivery")),
    })
}

/// A user as it is stored under a key.
#[must_use]
pub fn from_user(pk: &str, user: &User, created_at: &str) -> Item {
    let mut item = key(pk);
    for (name, value) in [
        ("username", user.username.as_str()),
        ("password", &user.password),
        ("phone", user.phone.number()),
        ("locale", &user.locale),
        ("created_at", created_at),
    ] {
        item.insert(name.to_owned(), text(value));
    }
    item
}

/// Reads a user.
///
/// # Errors
/// The attribute that is missing or of another type.
pub fn to_user(item: &Item) -> Result<User, AttributeError> {
    Ok(User {
        username: read_text(item, "username")?.to_owned(),
        password: read_text(item, "password")?.to_owned(),
        phone: parsed(item, "phone")?,
        locale: read_text(item, "locale")?.to_owned(),
    })
}

/// Whether a user can sign in: who gave no number has no second factor.
#[must_use]
pub fn has_number(item: &Item) -> bool {
    item.contains_key("phone")
}

/// Reads what a counter says; one that was never raised says nothing.
///
/// # Errors
/// The attribute that is of another type.
pub fn to_tally(item: &Item) -> Result<Tally, AttributeError> {
    let count = |name| optional(item, name, read_number).map(Option::unwrap_or_default);
    Ok(Tally { failures: count("failures")?, codes: count("codes")? })
}

/// A session as it is stored.
#[must_use]
pub fn from_session(session: &Session) -> Item {
    let mut item = key(&session_key(&session.digest));
    item.insert("username".to_owned(), text(&session.username));
    item.insert("expires".to_owned(), seconds(session.expires));
    item
}

/// Reads the session of a token.
///
/// # Errors
/// The attribute that is missing or of another type.
pub fn to_session(item: &Item, digest: &TokenDigest) -> Result<Session, AttributeError> {
    Ok(Session {
        digest: digest.clone(),
        username: read_text(item, "username")?.to_owned(),
        expires: read_seconds(item, "expires")?,
    })
}

/// Reads the `pk` of an item.
///
/// # Errors
/// When it has none.
pub fn read_key(item: &Item) -> Result<&str, AttributeError> {
    read_text(item, "pk")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    use crate::challenge::Reason;
    use crate::session::Token;
    use common::clock::from_epoch_seconds;

    fn challenge(delivery: Delivery) -> Challenge {
        Challenge {
            id: ChallengeId::from_bits(7),
            username: "Ünal".into(),
            phone: "+15550100123".parse().unwrap(),
            locale: "de".into(),
            expires: from_epoch_seconds(1_772_366_400),
            number: 2,
            counted: 1,
            resend_at: from_epoch_seconds(1_772_366_000),
            attempts: 3,
            delivery,
            code: None,
        }
    }

    #[test]
    fn challenges_read_as_they_were_written() {
        let until = from_epoch_seconds(1_772_409_600);
        let lease_ends = UNIX_EPOCH + Duration::from_millis(1_772_366_000_123);
        let mut deliveries = vec![
            Delivery::Requested,
            Delivery::Sending { lease_ends },
            Delivery::Sent,
            Delivery::Failed,
            Delivery::Refused(Refusal { reason: Reason::CountryNotServed, until: None }),
        ];
        let refusals = Reason::ALL.map(|reason| Refusal { reason, until: Some(until) });
        deliveries.extend(refusals.map(Delivery::Refused));
        for delivery in deliveries {
            let mac = "ab".repeat(32).parse().unwrap();
            let code = Some(RegisteredCode { mac, expires: until });
            for code in [None, code] {
                let challenge = Challenge { code, ..challenge(delivery) };
                assert_eq!(to_challenge(&from_challenge(&challenge)), Ok(challenge));
            }
        }
    }

    #[test]
    fn users_and_sessions_read_as_they_were_written() {
        let user = User {
            username: "Ada".into(),
            password: "$argon2id$…".into(),
            phone: "+15550100123".parse().unwrap(),
            locale: "en".into(),
        };
        let item = from_user("user#ada", &user, "2026");
        assert_eq!((has_number(&item), to_user(&item)), (true, Ok(user)));
        let digest = Token::random().unwrap().digest();
        let session = Session {
            digest: digest.clone(),
            username: "Ada".into(),
            expires: from_epoch_seconds(1_772_366_400),
        };
        assert_eq!(to_session(&from_session(&session), &digest), Ok(session));
    }

    #[test]
    fn an_item_of_another_shape_is_refused_by_name() {
        let whole = from_challenge(&challenge(Delivery::Sent));
        for name in ["pk", "phone", "expires", "number", "attempts", "delivery"] {
            let mut item = whole.clone();
            item.insert(name.to_owned(), AttributeValue::Bool(true));
            assert_eq!(to_challenge(&item), Err(AttributeError(name)));
        }
    }

    #[test]
    fn a_counter_that_was_never_raised_says_nothing() {
        assert_eq!(to_tally(&Item::new()), Ok(Tally::default()));
        let item = Item::from([("codes".to_owned(), number(3))]);
        assert_eq!(to_tally(&item), Ok(Tally { failures: 0, codes: 3 }));
    }
}
