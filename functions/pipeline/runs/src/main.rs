//! The `runs` function: starts it.

use std::process::ExitCode;

use common::aws::{self, AwsConfig};
use common::bootstrap::{self, Error};
use common::client::Client;
use common::config::Variables;
use common::http;
use common::journal::DynamoJournal;
use runs::adapters::{DynamoRuns, DynamoSessions};
use runs::{Config, RunsFunction, pipelines};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(start).await
}

async fn start() -> Result<(), Error> {
    let config = Config::read(Variables::from_env())?;
    let dynamodb = aws::dynamodb(&AwsConfig::read(Variables::from_env())?, &Client::new()?).await;
    let journal = DynamoJournal::new(dynamodb.clone(), &config.runs_table);
    let runs = DynamoRuns::new(dynamodb.clone(), config.runs_table);
    let sessions = DynamoSessions::new(dynamodb, config.sign_in_table);
    let function =
        RunsFunction::new(pipelines::embedded()?, config.operators, journal, runs, sessions);
    http::serve(http::service(function)).await
}
