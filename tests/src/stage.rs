//! Everything a function needs around it, on this machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::certificates::Certificates;
use crate::endpoint::{Endpoint, Operations, Service};
use crate::function::Launch;
use crate::services::{self, sign_ins};

/// The services: what people call them, the variable that says where they are, what they answer.
/// Each listens on a port of its own, as each has a name of its own on AWS.
const SERVICES: [(&str, &str, Service); 7] = [
    ("DynamoDB", "AWS_ENDPOINT_URL_DYNAMODB", services::dynamodb),
    ("Secrets Manager", "AWS_ENDPOINT_URL_SECRETS_MANAGER", services::secrets_manager),
    ("SES", "AWS_ENDPOINT_URL_SESV2", services::ses),
    ("SNS", "AWS_ENDPOINT_URL_SNS", services::sns),
    ("SQS", "AWS_ENDPOINT_URL_SQS", services::sqs),
    ("webhook", "WEBHOOK_URL", services::webhook),
    ("widgets", "WIDGETS_URL", services::widgets),
];

const ORIGIN: &str = "https://abcde12345.execute-api.eu-central-1.amazonaws.com";
/// What functions are told besides.
const ENVIRONMENT: [(&str, &str); 21] = [
    ("WIDGETS_TABLE", "widgets"),
    ("IDEMPOTENCY_TABLE", "idempotency"),
    ("USERS_TABLE", "users"),
    ("SIGN_IN_TABLE", "sign-ins"),
    ("CODES_QUEUE_URL", "https://sqs.eu-central-1.amazonaws.com/123456789012/codes"),
    ("SIGN_IN_KEY_ARN", sign_ins::KEY_ARN),
    ("SIGN_IN_HOST", "abcde12345.execute-api.eu-central-1.amazonaws.com"),
    ("ALLOWED_COUNTRY_CODES", "1,44,49"),
    ("MAX_RECEIVE_COUNT", "5"),
    ("MAX_CODE_ATTEMPTS", "5"),
    ("WEBHOOK_STEP", "call-webhook"),
    ("RUNS_TABLE", "runs"),
    ("SUBSCRIBERS_TABLE", "subscribers"),
    ("STEPS_TOPIC_ARN", "arn:aws:sns:eu-central-1:123456789012:steps"),
    ("LINK_KEY_ARN", sign_ins::KEY_ARN),
    ("WEBHOOK_KEY_ARN", sign_ins::KEY_ARN),
    ("MAIL_FROM", "hello@example.com"),
    ("CONFIRM_URL", ORIGIN),
    ("UNSUBSCRIBE_URL", ORIGIN),
    // The webhook is on this machine.
    ("ALLOW_PRIVATE_TARGETS", "true"),
    ("OPERATORS", "root"),
];

/// The services that functions call, over TLS.
#[derive(Debug)]
pub struct Stage {
    certificates: Certificates,
    services: Vec<(&'static str, &'static str, Endpoint)>,
    folder: PathBuf,
}

impl Stage {
    /// Starts the services; files go to `folder`.
    ///
    /// # Errors
    /// When a file cannot be written or there is no free port.
    pub fn start(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        let certificates = Certificates::create(&folder)?;
        let start = |(name, variable, service)| {
            Ok((name, variable, Endpoint::tls(service, &certificates)?))
        };
        let services = SERVICES.into_iter().map(start).collect::<Result<_>>()?;
        Ok(Self { certificates, services, folder })
    }

    /// A launch with everything in its environment that any function asks for, so that all of
    /// them find the same.
    #[must_use]
    pub fn launch(&self, program: impl Into<PathBuf>) -> Launch {
        let bundle = self.certificates.bundle();
        let mut launch = Launch::new(program)
            // One name in Rust and boto3, another in requests, a third in Node.
            .env("AWS_CA_BUNDLE", bundle)
            .env("REQUESTS_CA_BUNDLE", bundle)
            .env("NODE_EXTRA_CA_CERTS", bundle);
        for (_, variable, endpoint) in &self.services {
            launch = launch.env(variable, endpoint.url());
        }
        ENVIRONMENT.into_iter().fold(launch, |launch, (name, value)| launch.env(name, value))
    }

    /// The same where no service answers: nothing listens on the port of one that nobody uses any
    /// more.
    #[must_use]
    pub fn launch_alone(&self, program: impl Into<PathBuf>) -> Launch {
        let alone = |launch: Launch, (_, variable, _)| launch.env(variable, "https://localhost:9");
        SERVICES.into_iter().fold(self.launch(program), alone)
    }

    /// Where files go.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Connections there have been, by service; those without any are left out.
    #[must_use]
    pub fn connections(&self) -> BTreeMap<&'static str, usize> {
        let count =
            |(name, _, endpoint): &(&'static str, _, Endpoint)| (*name, endpoint.connections());
        self.services.iter().map(count).filter(|(_, count)| *count > 0).collect()
    }

    /// Requests there have been, by what they ask for.
    #[must_use]
    pub fn operations(&self) -> Operations {
        let mut all = Operations::new();
        for (name, count) in self.services.iter().flat_map(|(_, _, e)| e.operations()) {
            *all.entry(name).or_default() += count;
        }
        all
    }

    /// Requests since there were as many as `before`.
    #[must_use]
    pub fn operations_since(&self, before: &Operations) -> Operations {
        let fresh = |(name, count): (String, usize)| {
            let count = count - before.get(&name).copied().unwrap_or_default();
            (name, count)
        };
        self.operations().into_iter().map(fresh).filter(|(_, count)| *count > 0).collect()
    }
}
