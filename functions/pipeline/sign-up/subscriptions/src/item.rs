//! How subscribers are stored in DynamoDB.

use common::aws::item::{AttributeError, Item, parsed, text};
use common::clock::rfc3339;

use crate::subscriber::{Digest, State, Subscriber};

/// The key of a subscriber: the attribute `pk`.
#[must_use]
pub fn key(digest: &Digest) -> Item {
    Item::from([("pk".to_owned(), text(&format!("subscriber#{}", digest.as_str())))])
}

/// A new subscriber, who has yet to confirm.
#[must_use]
pub fn from_subscriber(subscriber: &Subscriber) -> Item {
    let mut item = key(&subscriber.address.digest());
    for (name, value) in [
        ("state", State::Pending.word()),
        ("email", subscriber.address.as_str()),
        ("username", &subscriber.username),
        ("created", &rfc3339(subscriber.created)),
    ] {
        item.insert(name.to_owned(), text(value));
    }
    item
}

/// How a subscription stands.
///
/// # Errors
/// When the attribute is missing or of another type.
pub fn to_state(item: &Item) -> Result<State, AttributeError> {
    parsed(item, "state")
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::aws::item::number;
    use common::clock::from_epoch_seconds;

    #[test]
    fn a_new_subscriber_is_pending_under_the_digest_of_the_address() {
        let item = from_subscriber(&Subscriber {
            address: "Ada@example.com".parse().unwrap(),
            username: "Ada".into(),
            created: from_epoch_seconds(1_772_366_400),
        });
        assert_eq!(to_state(&item), Ok(State::Pending));
        let digest = "ada@example.com".parse::<crate::Address>().unwrap().digest();
        assert_eq!(item["pk"], key(&digest)["pk"]);
        assert_eq!(item["email"], text("Ada@example.com"));
        assert_eq!(item["created"], text("2026-03-01T12:00:00.000Z"));
    }

    #[test]
    fn an_item_of_another_shape_is_refused_by_name() {
        for value in [text("paused"), number(1)] {
            let item = Item::from([("state".to_owned(), value)]);
            assert_eq!(to_state(&item), Err(AttributeError("state")));
        }
        assert_eq!(to_state(&Item::new()), Err(AttributeError("state")));
    }
}
