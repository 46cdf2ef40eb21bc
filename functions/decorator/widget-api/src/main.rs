//! The `widget-api` function: starts it.

use std::process::ExitCode;

use common::aws::{self, AwsConfig};
use common::bootstrap::{self, Error};
use common::client::Client;
use common::config::Variables;
use common::http;
use common::idempotency::DynamoStore;
use widget_api::adapters::DynamoWidgets;
use widget_api::{Config, WidgetApi};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(start).await
}

async fn start() -> Result<(), Error> {
    let config = Config::read(Variables::from_env())?;
    let sdk = aws::dynamodb(&AwsConfig::read(Variables::from_env())?, &Client::new()?).await;
    let widgets = DynamoWidgets::new(sdk.clone(), &config.widgets_table);
    let records = DynamoStore::new(sdk, &config.idempotency_table);
    http::serve(http::service(WidgetApi::new(&config, widgets, records))).await
}
