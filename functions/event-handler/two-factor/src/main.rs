//! The `two-factor` function: starts it.

use std::process::ExitCode;

use common::aws::{self, AwsConfig};
use common::batch::{self, SqsVisibility};
use common::bootstrap::{self, Error};
use common::client::Client;
use common::config::Variables;
use common::telemetry::Metrics;
use sign_in::Key;
use two_factor::adapters::{DynamoCodes, SnsTexts};
use two_factor::{Config, TwoFactor};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(start).await
}

async fn start() -> Result<(), Error> {
    let config = Config::read(Variables::from_env())?;
    let (aws, client) = (AwsConfig::read(Variables::from_env())?, Client::new()?);
    let (dynamodb, sns, secret) = tokio::join!(
        aws::dynamodb(&aws, &client),
        aws::sns(&aws, &client),
        aws::secret(&aws, &client, &config.sign_in_key_arn),
    );
    let visibility = SqsVisibility::new(aws::sqs_when_needed(&aws, &client));
    let settings = config.batch_settings();
    let store = DynamoCodes::new(dynamodb, config.sign_in_table);
    let texts = SnsTexts::new(sns, config.sender);
    let metrics = Metrics::new("faas-patterns");
    let handler = TwoFactor::new(config.rules, Key::new(&secret?)?, store, texts, metrics.clone());
    batch::serve(handler, visibility, settings, metrics).await
}
