//! The `call-webhook` function: starts it.

use std::process::ExitCode;

use call_webhook::{Config, steps};
use common::aws::{self, AwsConfig};
use common::batch::{self, SqsVisibility};
use common::bootstrap::{self, Error};
use common::client::Client;
use common::config::Variables;
use common::journal::DynamoJournal;
use common::telemetry::Metrics;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(start).await
}

async fn start() -> Result<(), Error> {
    let config = Config::read(Variables::from_env())?;
    let (aws, client) = (AwsConfig::read(Variables::from_env())?, Client::new()?);
    let (dynamodb, secret) =
        tokio::join!(aws::dynamodb(&aws, &client), aws::secret(&aws, &client, &config.key_arn),);
    let journal = DynamoJournal::new(dynamodb, config.runs_table.as_str());
    let handler = steps(&config, &secret?, journal)?;
    let visibility = SqsVisibility::new(aws::sqs_when_needed(&aws, &client));
    batch::serve(handler, visibility, config.batch_settings(), Metrics::new("faas-patterns")).await
}
