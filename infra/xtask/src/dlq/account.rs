//! Which AWS is asked: the one that runs here, or the account of the caller's environment.

use std::env::var_os;
use std::process::Command;

use anyhow::Result;

use crate::paths;
use crate::progress::note;
use crate::stack::{PUBLIC_API, Stack};
use crate::tools::Tools;

const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// Where calls go.
#[derive(Debug)]
pub(super) struct Account {
    place: Place,
    region: Option<String>,
}

#[derive(Debug)]
enum Place {
    /// What the caller's environment names, such as the stack of `cargo xtask env`.
    Endpoint(String),
    /// The stack of `cargo xtask up`.
    Local(Stack),
    /// AWS itself.
    Aws,
}

impl Account {
    /// The AWS that is meant: unless it `is_aws`, an endpoint in the environment, or else the local
    /// stack if it runs.
    pub(super) fn new(is_aws: bool, region: Option<String>) -> Self {
        let endpoint = var_os(ENDPOINT).and_then(|url| url.into_string().ok());
        let endpoint = endpoint.filter(|url| !url.is_empty());
        let place = match endpoint {
            _ if is_aws => Place::Aws,
            Some(url) => Place::Endpoint(url),
            None => Stack::running(&paths::local_stack()).map_or_else(aws, Place::Local),
        };
        Self { place, region }
    }

    /// Where the public API of the local stack answers, if that is what is meant.
    pub(super) fn local_api(&self) -> Option<String> {
        match &self.place {
            // `cargo xtask env` says both.
            Place::Endpoint(_) => var_os("API_URL").and_then(|url| url.into_string().ok()),
            Place::Local(stack) => Some(stack.api_url(PUBLIC_API)),
            Place::Aws => None,
        }
    }

    /// The AWS command line, told where to call.
    ///
    /// # Errors
    ///
    /// If the `PATH` cannot be extended.
    pub(super) fn command(&self) -> Result<Command> {
        let mut command = Command::new(Tools::Cli.program("aws"));
        match &self.place {
            // It heeds the flag for all services, but the variable for some of them only.
            Place::Endpoint(url) => {
                command.args(["--endpoint-url", url]);
            }
            Place::Local(stack) => {
                stack.prepare(&mut command)?;
                command.args(["--endpoint-url", &stack.endpoint()]);
            }
            Place::Aws => {
                command.env_remove(ENDPOINT);
            }
        }
        if let Some(region) = &self.region {
            command.args(["--region", region]);
        } else if let (Some(region), None) = (var_os("AWS_REGION"), var_os("AWS_DEFAULT_REGION")) {
            // The tool knows the older name only.
            command.env("AWS_DEFAULT_REGION", region);
        }
        command.args(["--output", "json"]).env("AWS_PAGER", "");
        Ok(command)
    }
}

fn aws() -> Place {
    note("no local stack is running, so this is about the account of your AWS environment");
    Place::Aws
}
