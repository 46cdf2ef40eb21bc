//! Sessions as `login` stores them.

use std::time::SystemTime;

use aws_sdk_dynamodb::Client;
use common::aws::DynamoError;
use sign_in::item::{key, session_key, to_session};
use sign_in::{Session, TokenDigest};

use crate::ports::Sessions;

/// Reads the sessions of a table.
#[derive(Debug, Clone)]
pub struct DynamoSessions {
    client: Client,
    sign_in_table: String,
}

impl DynamoSessions {
    /// Reads the sessions of the table of that name.
    #[must_use]
    pub fn new(client: Client, sign_in_table: impl Into<String>) -> Self {
        Self { client, sign_in_table: sign_in_table.into() }
    }
}

impl Sessions for DynamoSessions {
    type Error = DynamoError;

    async fn session(
        &self,
        digest: &TokenDigest,
        now: SystemTime,
    ) -> Result<Option<Session>, DynamoError> {
        let get = self
            .client
            .get_item()
            .table_name(&self.sign_in_table)
            .set_key(Some(key(&session_key(digest))))
            // Who has signed out is out.
            .consistent_read(true);
        let found = get.send().await.map_err(DynamoError::of("GetItem"))?;
        let session = found.item.map(|item| to_session(&item, digest)).transpose()?;
        // DynamoDB deletes what is over, but late.
        Ok(session.filter(|session| session.expires > now))
    }
}
