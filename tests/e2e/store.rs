//! Stores on tables of the stack keep the same contracts as their twins in memory.

use std::time::Duration;

use common::aws::{AwsConfig, Transacted, dynamodb, transact};
use common::client::Client;
use common::clock::{now, whole_seconds};
use common::config::Variables;
use common::idempotency::DynamoStore;
use common::journal::{DynamoJournal, Run, RunState};
use common::testing::{check_journal, check_store, run_for_contract};
use login::adapters::DynamoSignIns;
use runs::adapters::DynamoRuns;
use runs::list::Entry;
use runs::testing::check_runs;
use subscribe_user::adapters::DynamoAsks;
use subscriptions::adapters::DynamoDecisions;
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

#[tokio::test]
async fn the_dynamodb_journal_keeps_the_contract() {
    let client = sdk().await;
    let journal = DynamoJournal::new(client.clone(), table(&client, "RunsTable").await);
    let run = run_for_contract();
    let writes = journal.start(&run, now() + Duration::from_hours(1)).unwrap();
    assert_eq!(transact(&client, writes.clone()).await.unwrap(), Transacted::Done);
    let again = transact(&client, writes).await.unwrap();
    assert!(matches!(again, Transacted::Refused(_)), "a run is started once");
    check_journal(&journal, &run).await;
}

#[tokio::test]
async fn the_dynamodb_stores_of_subscribers_keep_their_contract() {
    let client = sdk().await;
    let table = table(&client, "SubscribersTable").await;
    let asks = DynamoAsks::new(client.clone(), &table);
    let decisions = DynamoDecisions::new(client, &table);
    subscriptions::contract::check(&asks, &decisions, &unique("c")).await;
}

#[tokio::test]
async fn the_dynamodb_list_of_runs_keeps_its_contract() {
    let client = sdk().await;
    let table = table(&client, "RunsTable").await;
    let journal = DynamoJournal::new(client.clone(), &table);
    let mut started = Vec::new();
    // Later than all others, and than those of an earlier run of this test.
    let later = whole_seconds(now()) + Duration::from_hours(24 * 365);
    for second in 0..3 {
        let created = later + Duration::from_secs(second);
        let run = Run { state: RunState::Failed, created, ..run_for_contract() };
        let writes = journal.start(&run, now() + Duration::from_hours(1)).unwrap();
        assert_eq!(transact(&client, writes).await.unwrap(), Transacted::Done);
        started.push(Entry { id: run.id, pipeline: run.pipeline, created });
    }
    check_runs(&DynamoRuns::new(client, table), started.try_into().unwrap()).await;
}
