//! The `add-defaults` function: starts it.

use std::process::ExitCode;

use add_defaults::config::Routes;
use add_defaults::{Decorator, ROUTES};
use common::bootstrap::{self, Error};
use common::client::Client;
use common::config::environment;
use common::http;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(start).await
}

async fn start() -> Result<(), Error> {
    let routes = Routes::load(ROUTES, &environment)?;
    let name = environment("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|| "add-defaults".into());
    let decorator = Decorator::new(routes, Client::new()?, name);
    decorator.warm().await;
    http::serve(http::service(decorator)).await
}
