//! Challenges and the counters of texts in DynamoDB.

use std::time::SystemTime;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use common::aws::{DynamoError, Transacted, repeating, transact};
use sign_in::item::{
    challenge_key, delivery_attributes, key, millis, number, seconds, text, to_challenge, to_tally,
};
use sign_in::ports::{Codes, Registered, Registration};
use sign_in::{Challenge, ChallengeId, CodeMac, Delivery, Reason};

/// The word for a code that is being sent.
const SENDING: &str = Delivery::Sending { lease_ends: SystemTime::UNIX_EPOCH }.word();

/// The table of sign-ins.
#[derive(Debug, Clone)]
pub struct DynamoCodes {
    client: Client,
    table: String,
}

impl DynamoCodes {
    /// Sign-ins in the table of this name.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into() }
    }

    /// The first part of a registration: the code takes its place in the challenge.
    fn take_up(
        &self,
        registration: &Registration,
        now: SystemTime,
    ) -> Result<TransactWriteItem, DynamoError> {
        let counted =
            if registration.is_counted { "counted = :number" } else { "counted < :number" };
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(&challenge_key(registration.id))))
            .update_expression(
                "SET delivery = :sending, lease_ends = :lease_ends, code_mac = :mac, \
                 code_expires = :code_expires, counted = :number",
            )
            .condition_expression(format!(
                "#number = :number AND expires > :now AND (delivery = :requested \
                 OR (delivery = :sending AND lease_ends <= :now_millis)) AND {counted}"
            ))
            .expression_attribute_names("#number", "number")
            .expression_attribute_values(":number", number(registration.number))
            .expression_attribute_values(":now", seconds(now))
            .expression_attribute_values(":now_millis", millis(now))
            .expression_attribute_values(":requested", text(Delivery::Requested.word()))
            .expression_attribute_values(":sending", text(SENDING))
            .expression_attribute_values(":lease_ends", millis(registration.lease_ends))
            .expression_attribute_values(":mac", text(registration.code.mac.as_str()))
            .expression_attribute_values(":code_expires", seconds(registration.code.expires));
        Ok(TransactWriteItem::builder().update(update.build()?).build())
    }

    /// The other parts: the counters, each of which must have room.
    fn count(&self, registration: &Registration) -> Result<Vec<TransactWriteItem>, DynamoError> {
        let quota = &registration.quota;
        let limits = &quota.limits;
        let counter = |pk: &str| {
            Update::builder()
                .table_name(&self.table)
                .set_key(Some(key(pk)))
                .expression_attribute_values(":ends", seconds(quota.ends))
                .expression_attribute_values(":one", number(1))
        };
        let plain = |pk: &str, max: u32| {
            counter(pk)
                .update_expression("SET expires = :ends ADD codes :one")
                .condition_expression("attribute_not_exists(codes) OR codes < :max")
                .expression_attribute_values(":max", number(max))
        };
        let country = counter(&quota.country_key)
            .update_expression("SET expires = :ends ADD codes :one, unconverted :one")
            .condition_expression(
                "(attribute_not_exists(codes) OR codes < :max) \
                 AND (attribute_not_exists(unconverted) OR unconverted < :max_unconverted)",
            )
            .expression_attribute_values(":max", number(limits.per_country))
            .expression_attribute_values(":max_unconverted", number(limits.unconverted))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let counters = [
            plain(&quota.phone_key, limits.per_phone),
            plain(&quota.day_key, limits.per_day),
            country,
        ];
        counters
            .into_iter()
            .map(|update| Ok(TransactWriteItem::builder().update(update.build()?).build()))
            .collect()
    }
}

impl Codes for DynamoCodes {
    type Error = DynamoError;

    async fn find(
        &self,
        id: ChallengeId,
        now: SystemTime,
    ) -> Result<Option<Challenge>, DynamoError> {
        let get =
            self.client.get_item().table_name(&self.table).set_key(Some(key(&challenge_key(id))));
        // The message can be here before a copy of the table knows what it asks for.
        let found = get.consistent_read(true).send().await.map_err(DynamoError::of("GetItem"))?;
        let challenge = found.item().map(to_challenge).transpose()?;
        Ok(challenge.filter(|challenge| !challenge.is_over(now)))
    }

    async fn register(
        &self,
        registration: &Registration,
        now: SystemTime,
    ) -> Result<Registered, DynamoError> {
        let mut items = vec![self.take_up(registration, now)?];
        if !registration.is_counted {
            items.extend(self.count(registration)?);
        }
        let unmet = match transact(&self.client, items).await? {
            Transacted::Done => return Ok(Registered::Done),
            Transacted::Refused(unmet) => unmet,
        };
        Ok(match unmet.first_key_value() {
            Some((1, _)) => Registered::Full(Reason::Phone),
            Some((2, _)) => Registered::Full(Reason::Day),
            Some((3, country)) => {
                let codes = country.as_ref().map(to_tally).transpose()?.unwrap_or_default().codes;
                let is_full = codes >= registration.quota.limits.per_country;
                Registered::Full(if is_full { Reason::Country } else { Reason::Conversion })
            }
            _ => Registered::Lost,
        })
    }

    async fn settle(
        &self,
        id: ChallengeId,
        code: u32,
        mac: Option<&CodeMac>,
        delivery: Delivery,
    ) -> Result<bool, DynamoError> {
        let attributes = delivery_attributes(delivery);
        let set: Vec<String> =
            attributes.iter().map(|(name, _)| format!("{name} = :{name}")).collect();
        // What surely reached nobody must not be guessed.
        let forgets =
            delivery == Delivery::Requested || (delivery == Delivery::Failed && mac.is_some());
        let forgotten = ["code_mac", "code_expires"].iter().filter(|_| forgets);
        let others = ["lease_ends", "reason", "refused_until"].iter().chain(forgotten).copied();
        let is_set = |other: &str| attributes.iter().any(|(name, _)| *name == other);
        let remove: Vec<&str> = others.filter(|other| !is_set(other)).collect();
        let is_current = if mac.is_some() { " AND code_mac = :mac" } else { "" };
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(&challenge_key(id))))
            .update_expression(format!("SET {} REMOVE {}", set.join(", "), remove.join(", ")))
            .condition_expression(format!("#number = :number AND delivery <> :sent{is_current}"))
            .expression_attribute_names("#number", "number")
            .expression_attribute_values(":number", number(code))
            .expression_attribute_values(":sent", text(Delivery::Sent.word()));
        for (name, value) in attributes {
            update = update.expression_attribute_values(format!(":{name}"), value);
        }
        if let Some(mac) = mac {
            update = update.expression_attribute_values(":mac", text(mac.as_str()));
        }
        let Err(error) = repeating(|| update.clone().send()).await else {
            return Ok(true);
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(DynamoError::of("UpdateItem")(error)),
        }
    }
}
