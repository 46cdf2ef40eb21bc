//! Stores on tables of the stack keep the same contracts as their twins in memory.

use common::aws::{AwsConfig, dynamodb};
use common::client::Client;
use common::config::Variables;
use common::idempotency::DynamoStore;
use common::testing::check_store;
use login::adapters::DynamoSignIns;
use two_factor::adapters::DynamoCodes;

use crate::api::unique;

async fn sdk() -> aws_sdk_dynamodb::Client {
    let config = AwsConfig::read(Variables::from_env()).unwrap();
    dynamodb(&config, &Client::new().unwrap()).await
}

async fn table(client: &aws_sdk_dynamodb::Client, name: &str) -> String {
    let tables = client.list_tables().send().await.unwrap();
    let found = tables.table_names().iter().find(|table| table.contains(name));
    found.expect("the stack has the table").clone()
}

#[tokio::test]
async fn the_dynamodb_store_keeps_the_contract() {
    let client = sdk().await;
    let store = DynamoStore::new(client.clone(), table(&client, "IdempotencyTable").await);
    check_store(&store, &unique("contract")).await;
}

#[tokio::test]
async fn the_dynamodb_stores_of_sign_ins_keep_their_contract() {
    let client = sdk().await;
    let users = table(&client, "UsersTable").await;
    let table = table(&client, "SignInTable").await;
    let sign_ins = DynamoSignIns::new(client.clone(), users, &table);
    let codes = DynamoCodes::new(client, &table);
    sign_in::contract::check(&sign_ins, &codes, &unique("c")).await;
}
