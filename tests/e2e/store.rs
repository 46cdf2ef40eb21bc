//! The idempotency store on a table of the stack keeps the same contract as its twin in memory.

use common::aws::{AwsConfig, dynamodb};
use common::client::Client;
use common::config::Variables;
use common::idempotency::DynamoStore;
use common::testing::check_store;

use crate::api::unique;

#[tokio::test]
async fn the_dynamodb_store_keeps_the_contract() {
    let config = AwsConfig::read(Variables::from_env()).unwrap();
    let client = dynamodb(&config, &Client::new().unwrap()).await;
    let tables = client.list_tables().send().await.unwrap();
    let table = tables.table_names().iter().find(|name| name.contains("IdempotencyTable"));
    let store = DynamoStore::new(client.clone(), table.expect("the stack has the table"));
    check_store(&store, &unique("contract")).await;
}
