//! Users, challenges, counters and sessions in DynamoDB.

use std::collections::HashMap;
use std::time::SystemTime;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use aws_sdk_dynamodb::types::{
    Delete, KeysAndAttributes, Put, ReturnValue, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem, Update,
};
use common::aws::{DynamoError, Transacted, repeating, transact};
use sign_in::item::{
    AttributeError, Item, challenge_key, from_challenge, from_session, has_number, key, number,
    read_key, seconds, session_key, text, to_challenge, to_session, to_tally, to_user,
};
use sign_in::limits::{Conversion, Quota, Tally};
use sign_in::ports::{Attempt, Renewal, SignIns};
use sign_in::{Challenge, ChallengeId, CodeMac, Session, TokenDigest, User, Username};

/// The condition that a counter has seen few wrong passwords.
const FEW_FAILURES: &str = "(attribute_not_exists(failures) OR failures < :max_failures)";

/// The tables of users and of sign-ins.
#[derive(Debug, Clone)]
pub struct DynamoSignIns {
    client: Client,
    users_table: String,
    sign_in_table: String,
}

impl DynamoSignIns {
    /// Users and sign-ins in the tables of these names.
    #[must_use]
    pub fn new(
        client: Client,
        users_table: impl Into<String>,
        sign_in_table: impl Into<String>,
    ) -> Self {
        Self { client, users_table: users_table.into(), sign_in_table: sign_in_table.into() }
    }

    async fn get(&self, pk: String) -> Result<Option<Item>, DynamoError> {
        let get = self.client.get_item().table_name(&self.sign_in_table).set_key(Some(key(&pk)));
        // Whoever was told of a challenge or a session must find it, so reads are consistent.
        let found = get.consistent_read(true).send().await.map_err(DynamoError::of("GetItem"))?;
        Ok(found.item)
    }

    /// Counts a wrong password on a quota that allows another try.
    fn count_wrong_password(&self, quota: &Quota) -> Result<TransactWriteItem, DynamoError> {
        self.count(quota, "failures", FEW_FAILURES, |update| update)
    }

    /// Counts a code on a quota that has room.
    fn count_code(&self, quota: &Quota) -> Result<TransactWriteItem, DynamoError> {
        let condition =
            format!("{FEW_FAILURES} AND (attribute_not_exists(codes) OR codes < :max_codes)");
        self.count(quota, "codes", &condition, |update| {
            update.expression_attribute_values(":max_codes", number(quota.max_codes))
        })
    }

    fn count(
        &self,
        quota: &Quota,
        counter: &str,
        condition: &str,
        more: impl FnOnce(UpdateBuilder) -> UpdateBuilder,
    ) -> Result<TransactWriteItem, DynamoError> {
        let update = Update::builder()
            .table_name(&self.sign_in_table)
            .set_key(Some(key(&quota.key)))
            .update_expression("SET expires = :ends ADD #counter :one")
            .condition_expression(condition)
            .expression_attribute_names("#counter", counter)
            .expression_attribute_values(":ends", seconds(quota.ends))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":max_failures", number(quota.max_failures));
        Ok(TransactWriteItem::builder().update(more(update).build()?).build())
    }

    async fn write(&self, items: Vec<TransactWriteItem>) -> Result<Transacted, DynamoError> {
        transact(&self.client, items).await
    }
}

impl SignIns for DynamoSignIns {
    type Error = DynamoError;

    async fn look_up(
        &self,
        user: &Username,
        quotas: &[Quota; 2],
    ) -> Result<(Option<User>, [Tally; 2]), DynamoError> {
        let user_keys = KeysAndAttributes::builder().keys(key(&user.key())).build()?;
        let quota_keys = quotas.iter().map(|quota| key(&quota.key)).collect();
        let quota_keys = KeysAndAttributes::builder().set_keys(Some(quota_keys)).build()?;
        let get = self
            .client
            .batch_get_item()
            .request_items(&self.users_table, user_keys)
            .request_items(&self.sign_in_table, quota_keys);
        let found = get.send().await.map_err(DynamoError::of("BatchGetItem"))?;
        if found.unprocessed_keys().is_some_and(|keys| !keys.is_empty()) {
            return Err(DynamoError::Unread);
        }
        let mut tables = found.responses.unwrap_or_default();
        let users = tables.remove(&self.users_table).unwrap_or_default();
        let mut counters = HashMap::new();
        for item in tables.remove(&self.sign_in_table).unwrap_or_default() {
            counters.insert(read_key(&item)?.to_owned(), to_tally(&item)?);
        }
        let tally = |quota: &Quota| counters.get(&quota.key).copied().unwrap_or_default();
        // Who gave no number cannot be sent a code, and is answered like who is not there.
        let user = users.first().filter(|item| has_number(item)).map(to_user).transpose()?;
        Ok((user, [tally(&quotas[0]), tally(&quotas[1])]))
    }

    async fn count_failure(&self, quotas: &[Quota; 2]) -> Result<bool, DynamoError> {
        let [user, address] = quotas;
        let items = vec![self.count_wrong_password(user)?, self.count_wrong_password(address)?];
        Ok(self.write(items).await? == Transacted::Done)
    }

    async fn begin(&self, challenge: &Challenge, quotas: &[Quota; 2]) -> Result<bool, DynamoError> {
        let put = Put::builder()
            .table_name(&self.sign_in_table)
            .set_item(Some(from_challenge(challenge)))
            .condition_expression("attribute_not_exists(pk)");
        let [user, address] = quotas;
        let items = vec![
            self.count_code(user)?,
            self.count_code(address)?,
            TransactWriteItem::builder().put(put.build()?).build(),
        ];
        Ok(self.write(items).await? == Transacted::Done)
    }

    async fn find(
        &self,
        id: ChallengeId,
        now: SystemTime,
    ) -> Result<Option<Challenge>, DynamoError> {
        let found = self.get(challenge_key(id)).await?;
        let challenge = found.as_ref().map(to_challenge).transpose()?;
        Ok(challenge.filter(|challenge| !challenge.is_over(now)))
    }

    async fn renew(
        &self,
        found: &Challenge,
        renewed: &Challenge,
        quotas: &[Quota; 2],
    ) -> Result<Renewal, DynamoError> {
        // An update and not a put: guesses at the old code may have been taken since.
        let update = Update::builder()
            .table_name(&self.sign_in_table)
            .set_key(Some(key(&challenge_key(found.id))))
            .update_expression(
                "SET #number = :next, resend_at = :resend_at, delivery = :requested \
                 REMOVE code_mac, code_expires, lease_ends, reason, refused_until",
            )
            .condition_expression("#number = :number")
            .expression_attribute_names("#number", "number")
            .expression_attribute_values(":number", number(found.number))
            .expression_attribute_values(":next", number(renewed.number))
            .expression_attribute_values(":resend_at", seconds(renewed.resend_at))
            .expression_attribute_values(":requested", text(renewed.delivery.word()));
        let [user, address] = quotas;
        let items = vec![
            TransactWriteItem::builder().update(update.build()?).build(),
            self.count_code(user)?,
            self.count_code(address)?,
        ];
        Ok(match self.write(items).await? {
            Transacted::Done => Renewal::Done,
            Transacted::Refused(unmet) if unmet.contains_key(&0) => Renewal::Lost,
            Transacted::Refused(_) => Renewal::Full,
        })
    }

    async fn take_attempt(
        &self,
        id: ChallengeId,
        max_attempts: u32,
        now: SystemTime,
    ) -> Result<Attempt, DynamoError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.sign_in_table)
            .set_key(Some(key(&challenge_key(id))))
            .update_expression("SET attempts = attempts + :one")
            .condition_expression("expires > :now AND code_expires > :now AND attempts < :max")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":now", seconds(now))
            .expression_attribute_values(":max", number(max_attempts))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let error = match repeating(|| update.clone().send()).await {
            Ok(taken) => {
                let item = taken.attributes.ok_or(AttributeError("pk"))?;
                return Ok(Attempt::Taken(to_challenge(&item)?));
            }
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                let found = failed.item().map(to_challenge).transpose()?;
                Ok(Attempt::Refused(found.filter(|challenge| !challenge.is_over(now))))
            }
            _ => Err(DynamoError::of("UpdateItem")(error)),
        }
    }

    async fn complete(
        &self,
        challenge: ChallengeId,
        guessed: &CodeMac,
        session: &Session,
        conversion: &Conversion,
    ) -> Result<bool, DynamoError> {
        let delete = Delete::builder()
            .table_name(&self.sign_in_table)
            .set_key(Some(key(&challenge_key(challenge))))
            .condition_expression("code_mac = :guessed")
            .expression_attribute_values(":guessed", text(guessed.as_str()));
        let put =
            Put::builder().table_name(&self.sign_in_table).set_item(Some(from_session(session)));
        let convert = Update::builder()
            .table_name(&self.sign_in_table)
            .set_key(Some(key(&conversion.country_key)))
            .update_expression("SET expires = :ends ADD unconverted :converted")
            .expression_attribute_values(":ends", seconds(conversion.ends))
            .expression_attribute_values(":converted", number(-i64::from(conversion.weight)));
        let items = vec![
            TransactWriteItem::builder().delete(delete.build()?).build(),
            TransactWriteItem::builder().put(put.build()?).build(),
            TransactWriteItem::builder().update(convert.build()?).build(),
        ];
        Ok(self.write(items).await? == Transacted::Done)
    }

    async fn session(
        &self,
        digest: &TokenDigest,
        now: SystemTime,
    ) -> Result<Option<Session>, DynamoError> {
        let found = self.get(session_key(digest)).await?;
        let session = found.map(|item| to_session(&item, digest)).transpose()?;
        Ok(session.filter(|session| session.expires > now))
    }

    async fn end_session(&self, digest: &TokenDigest) -> Result<(), DynamoError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.sign_in_table)
            .set_key(Some(key(&session_key(digest))));
        delete.send().await.map_err(DynamoError::of("DeleteItem"))?;
        Ok(())
    }
}
