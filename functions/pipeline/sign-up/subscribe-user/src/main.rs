//! The `subscribe-user` function: starts it.

use std::process::ExitCode;

use common::aws::{self, AwsConfig};
use common::batch::{self, SqsVisibility};
use common::bootstrap::{self, Error};
use common::client::Client;
use common::config::Variables;
use common::journal::{DynamoJournal, Steps};
use common::telemetry::Metrics;
use mails::{LinkKey, Links, SesMails};
use subscribe_user::{Config, DynamoAsks, PIPELINE, SubscribeUser};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(start).await
}

async fn start() -> Result<(), Error> {
    let config = Config::read(Variables::from_env())?;
    let (aws, client) = (AwsConfig::read(Variables::from_env())?, Client::new()?);
    let (dynamodb, ses, secret) = tokio::join!(
        aws::dynamodb(&aws, &client),
        aws::ses(&aws, &client),
        aws::secret(&aws, &client, &config.link_key_arn),
    );
    let journal = DynamoJournal::new(dynamodb.clone(), &config.runs_table);
    let asks = DynamoAsks::new(dynamodb, &config.subscribers_table);
    let links = Links::new(LinkKey::new(&secret?)?, config.origin.clone());
    let mails = SesMails::new(ses, config.sender.clone(), Some(config.configuration_set.clone()));
    let steps = Steps::new(PIPELINE.parse()?, journal, SubscribeUser::new(links, asks, mails));
    let visibility = SqsVisibility::new(aws::sqs_when_needed(&aws, &client));
    batch::serve(steps, visibility, config.batch_settings(), Metrics::new("faas-patterns")).await
}
