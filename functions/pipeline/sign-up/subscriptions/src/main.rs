//! The `subscriptions` function: starts it.

use std::process::ExitCode;

use common::aws::{self, AwsConfig};
use common::bootstrap::{self, Error};
use common::client::Client;
use common::config::Variables;
use common::http;
use common::signed::LinkKey;
use subscriptions::adapters::DynamoDecisions;
use subscriptions::{Config, Subscriptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(start).await
}

async fn start() -> Result<(), Error> {
    let config = Config::read(Variables::from_env())?;
    let (aws, client) = (AwsConfig::read(Variables::from_env())?, Client::new()?);
    let (dynamodb, secret) = tokio::join!(
        aws::dynamodb(&aws, &client),
        aws::secret(&aws, &client, &config.link_key_arn)
    );
    let subscribers = DynamoDecisions::new(dynamodb, config.subscribers_table);
    http::serve(http::service(Subscriptions::new(LinkKey::new(&secret?)?, subscribers))).await
}
