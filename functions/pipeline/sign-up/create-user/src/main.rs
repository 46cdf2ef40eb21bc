//! The `create-user` function: starts it.

use std::process::ExitCode;

use common::aws::{self, AwsConfig};
use common::bootstrap::{self, Error};
use common::client::Client;
use common::config::Variables;
use common::http;
use common::idempotency::DynamoStore;
use common::journal::DynamoJournal;
use create_user::adapters::DynamoUsers;
use create_user::{Config, CreateUser, PIPELINE};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(start).await
}

async fn start() -> Result<(), Error> {
    let config = Config::read(Variables::from_env())?;
    let sdk = aws::dynamodb(&AwsConfig::read(Variables::from_env())?, &Client::new()?).await;
    let journal = DynamoJournal::new(sdk.clone(), &config.runs_table);
    let users = DynamoUsers::new(sdk.clone(), &config.users_table, journal);
    let records = DynamoStore::new(sdk, &config.idempotency_table);
    let handler = CreateUser::new(&config, PIPELINE.parse()?, users, records);
    http::serve(http::service(handler)).await
}
