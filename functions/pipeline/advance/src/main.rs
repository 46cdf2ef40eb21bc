//! The `advance` function: starts it.

use std::process::ExitCode;

use advance::adapters::{DynamoRunning, SnsTopic};
use advance::{Advance, Config, PIPELINES};
use common::aws::{self, AwsConfig};
use common::bootstrap::{self, Error};
use common::client::Client;
use common::config::Variables;
use common::invocation;
use common::journal::DynamoJournal;
use common::telemetry::Metrics;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(start).await
}

async fn start() -> Result<(), Error> {
    let config = Config::read(Variables::from_env())?;
    let pipelines = PIPELINES.map(str::parse).into_iter().collect::<Result<_, _>>()?;
    let (aws, client) = (AwsConfig::read(Variables::from_env())?, Client::new()?);
    let (dynamodb, sns) = tokio::join!(aws::dynamodb(&aws, &client), aws::sns(&aws, &client));
    let journal = DynamoJournal::new(dynamodb.clone(), &config.runs_table);
    let running = DynamoRunning::new(dynamodb, config.runs_table);
    let topic = SnsTopic::new(sns, config.steps_topic_arn);
    let metrics = Metrics::new("faas-patterns");
    let advance = Advance::new(pipelines, journal, topic, running, config.stalled_after, metrics);
    invocation::serve(advance).await
}
