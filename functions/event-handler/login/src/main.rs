//! The `login` function: starts it.

use std::process::ExitCode;

use common::aws::{self, AwsConfig};
use common::bootstrap::{self, Error};
use common::client::Client;
use common::config::Variables;
use common::http;
use login::adapters::{DynamoSignIns, SqsQueue};
use login::{Config, Login};
use sign_in::Key;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(start).await
}

async fn start() -> Result<(), Error> {
    let config = Config::read(Variables::from_env())?;
    let (aws, client) = (AwsConfig::read(Variables::from_env())?, Client::new()?);
    let (dynamodb, sqs, secret) = tokio::join!(
        aws::dynamodb(&aws, &client),
        aws::sqs(&aws, &client),
        aws::secret(&aws, &client, &config.sign_in_key_arn),
    );
    let store = DynamoSignIns::new(dynamodb, config.users_table, config.sign_in_table);
    let queue = SqsQueue::new(sqs, config.codes_queue_url);
    http::serve(http::service(Login::new(config.rules, Key::new(&secret?)?, store, queue))).await
}
