//! Users, their addresses and their runs in DynamoDB.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use common::aws::{DynamoError, Transacted, Unmet, transact};
use common::clock::rfc3339;
use common::journal::{DynamoJournal, RunId};
use sign_in::item::{Item, key, text};

use crate::entry::{Entry, Written};
use crate::handler::Users;

/// Keeps users in a table with the partition key `pk`, and runs in a journal. One transaction per
/// user.
#[derive(Debug, Clone)]
pub struct DynamoUsers {
    client: Client,
    users_table: String,
    journal: DynamoJournal,
}

impl DynamoUsers {
    /// Keeps users in the table of that name, and starts their runs in the journal.
    #[must_use]
    pub fn new(client: Client, users_table: impl Into<String>, journal: DynamoJournal) -> Self {
        Self { client, users_table: users_table.into(), journal }
    }

    /// Writes an item whose key nobody has; asks for the item of whoever has it.
    fn put(&self, item: Item) -> Result<TransactWriteItem, BuildError> {
        let put = Put::builder()
            .table_name(&self.users_table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }
}

impl Users for DynamoUsers {
    type Error = DynamoError;

    async fn enter(&self, entry: &Entry) -> Result<Written, DynamoError> {
        let mut items = vec![self.put(user_item(entry))?, self.put(address_item(entry))?];
        items.extend(self.journal.start(&entry.run, entry.expires)?);
        Ok(match transact(&self.client, items).await? {
            Transacted::Refused(unmet) if !is_own(&unmet, entry.run.id) => Written::Taken,
            Transacted::Done | Transacted::Refused(_) => Written::Done,
        })
    }
}

/// Whether what is in the way was written for this run. All of it is, then: it was one transaction.
fn is_own(unmet: &Unmet, run: RunId) -> bool {
    let run = text(&run.to_string());
    unmet.values().flatten().any(|item| item.get("run") == Some(&run))
}

/// What signing in reads, and with it the address and the run.
fn user_item(entry: &Entry) -> Item {
    let user = &entry.user;
    let mut item = key(&user.username.key());
    let created = rfc3339(entry.run.created);
    let phone = user.phone.as_ref().map(|phone| ("phone", phone.number()));
    let run = entry.run.id.to_string();
    let attributes = [
        ("username", user.username.as_str()),
        ("password", &entry.hash),
        ("locale", user.locale.as_str()),
        ("created_at", &created),
        ("email", user.email.as_str()),
        ("run", &run),
    ];
    for (name, value) in attributes.into_iter().chain(phone) {
        item.insert(name.to_owned(), text(value));
    }
    item
}

/// What keeps an address from having two users.
fn address_item(entry: &Entry) -> Item {
    let mut item = key(&entry.user.email.key());
    item.insert("username".to_owned(), text(entry.user.username.as_str()));
    item.insert("run".to_owned(), text(&entry.run.id.to_string()));
    item
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::new_user::NewUser;
    use common::clock::from_epoch_seconds as at;
    use common::journal::Run;
    use serde_json::json;
    use sign_in::User;
    use sign_in::item::{from_user, has_number, to_user};

    fn entry(phone: Option<&str>) -> Entry {
        let user = NewUser::parse(&json!({
            "username": "Ünal", "email": "Uenal@example.com", "phone": phone,
            "password": "correct horse battery staple", "locale": "de"
        }))
        .unwrap();
        let pipeline = crate::PIPELINE.parse().unwrap();
        let run = Run::new(RunId::from_bits(7), &pipeline, user.context(false), at(1_772_366_400));
        Entry { user, hash: "$argon2id$…".into(), run, expires: at(1_780_000_000) }
    }

    #[test]
    fn signing_in_reads_what_is_written() {
        let user = User {
            username: "Ünal".into(),
            password: "$argon2id$…".into(),
            phone: "+15550100123".parse().unwrap(),
            locale: "de".into(),
        };
        let item = user_item(&entry(Some("+15550100123")));
        assert_eq!(to_user(&item).as_ref(), Ok(&user));
        let mut expected = from_user("user#ünal", &user, "2026-03-01T12:00:00.000Z");
        expected.insert("email".into(), text("Uenal@example.com"));
        expected.insert("run".into(), text("00000000000000000000000000000007"));
        assert_eq!(item, expected);
        assert!(!has_number(&user_item(&entry(None))));
    }

    #[test]
    fn an_address_is_known_by_its_one_spelling() {
        let item = address_item(&entry(None));
        assert_eq!(item["pk"], text("email#uenal@example.com"));
        assert_eq!(item["username"], text("Ünal"));
    }

    #[test]
    fn what_an_attempt_before_wrote_is_told_from_what_others_did() {
        let (entry, other) = (entry(None), RunId::from_bits(8));
        let unmet = |places: &[Option<Item>]| (0..).zip(places.iter().cloned()).collect::<Unmet>();
        let own = unmet(&[Some(user_item(&entry)), Some(address_item(&entry)), None]);
        assert!(is_own(&own, entry.run.id) && !is_own(&own, other));
        assert!(is_own(&unmet(&[None, Some(address_item(&entry))]), entry.run.id));
        let seeded = key("user#ünal");
        assert!(!is_own(&unmet(&[Some(seeded)]), entry.run.id), "a user without a run");
        assert!(!is_own(&unmet(&[None]), entry.run.id));
    }
}
