//! AWS SDK set-up that starts quickly.
//!
//! In Lambda the region and the credentials are environment variables, so nothing of
//! `aws-config`'s search for them is needed. Endpoints follow the SDK's own variables
//! (`AWS_ENDPOINT_URL_<SERVICE>`, then `AWS_ENDPOINT_URL`), plain `http://` included, so the same
//! binary talks to a local stack.
//!
//! Each service has a feature and a function that makes its client and opens its connection. Make
//! several at once with `tokio::join!`: what a start waits for then is the slowest of them.

mod connector;
#[cfg(feature = "dynamodb")]
pub mod item;
#[cfg(feature = "secrets")]
mod secret;
#[cfg(feature = "dynamodb")]
mod transaction;

use aws_smithy_types::retry::RetryConfig;
use lambda_http::http::Uri;

use crate::client::Client;
use crate::config::{ConfigError, Variables};
use crate::redact::Secret;

#[cfg(feature = "secrets")]
pub use secret::{SecretError, secret};
#[cfg(feature = "dynamodb")]
pub use transaction::{DynamoError, Transacted, Unmet, repeating, transact};

/// Where AWS is and who calls it.
#[derive(Debug, Clone)]
pub struct AwsConfig {
    region: String,
    access_key_id: Secret<String>,
    secret_access_key: Secret<String>,
    session_token: Secret<String>,
    endpoint: String,
    own_endpoints: [String; Service::ALL.len()],
}

/// The services there are clients for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    DynamoDb,
    SecretsManager,
    Ses,
    Sns,
    Sqs,
}

impl Service {
    const ALL: [Self; 5] = [Self::DynamoDb, Self::SecretsManager, Self::Ses, Self::Sns, Self::Sqs];

    /// What its name on AWS starts with.
    const fn prefix(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::SecretsManager => "secretsmanager",
            Self::Ses => "email",
            Self::Sns => "sns",
            Self::Sqs => "sqs",
        }
    }

    /// The variable of its own endpoint.
    const fn variable(self) -> &'static str {
        match self {
            Self::DynamoDb => "AWS_ENDPOINT_URL_DYNAMODB",
            Self::SecretsManager => "AWS_ENDPOINT_URL_SECRETS_MANAGER",
            Self::Ses => "AWS_ENDPOINT_URL_SESV2",
            Self::Sns => "AWS_ENDPOINT_URL_SNS",
            Self::Sqs => "AWS_ENDPOINT_URL_SQS",
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Endpoint {
    url: String,
    is_overridden: bool,
}

impl AwsConfig {
    /// Reads what Lambda sets (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_SESSION_TOKEN`) and the endpoints (`AWS_ENDPOINT_URL` and those of single services).
    ///
    /// # Errors
    /// All variables that are missing.
    pub fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
        variables.read(|v| Self {
            region: v.required("AWS_REGION"),
            access_key_id: v.required("AWS_ACCESS_KEY_ID"),
            secret_access_key: v.required("AWS_SECRET_ACCESS_KEY"),
            session_token: v.optional("AWS_SESSION_TOKEN", Secret::default()),
            endpoint: v.optional("AWS_ENDPOINT_URL", String::new()),
            own_endpoints: Service::ALL.map(|s| v.optional(s.variable(), String::new())),
        })
    }

    /// The endpoint of a service: its own, the one for all services, or the one AWS has in this
    /// region.
    fn endpoint(&self, service: Service) -> Endpoint {
        let own = &self.own_endpoints[service as usize];
        if let Some(url) = [own, &self.endpoint].into_iter().find(|url| !url.is_empty()) {
            return Endpoint { url: url.clone(), is_overridden: true };
        }
        let is_china = self.region.starts_with("cn-");
        let domain = if is_china { "amazonaws.com.cn" } else { "amazonaws.com" };
        let url = format!("https://{}.{}.{domain}", service.prefix(), self.region);
        Endpoint { url, is_overridden: false }
    }

    /// Opens the connection to a service; tells the endpoint, unless it is the one AWS has.
    async fn open(&self, service: Service, client: &Client) -> Option<String> {
        let endpoint = self.endpoint(service);
        if let Ok(origin) = endpoint.url.parse::<Uri>() {
            client.warm(&origin).await;
        }
        endpoint.overridden()
    }
}

impl Endpoint {
    /// The address, unless it is the one that the SDK knows itself.
    fn overridden(self) -> Option<String> {
        self.is_overridden.then_some(self.url)
    }
}

/// A client of an SDK crate, whose `Config` is a type of its own in each.
macro_rules! sdk_client {
    ($sdk:ident, $endpoint:expr, $config:expr, $client:expr) => {
        sdk_client!(
            $sdk,
            $endpoint,
            $config,
            $client,
            RetryConfig::standard(),
            crate::aws::timeouts()
        )
    };
    ($sdk:ident, $endpoint:expr, $config:expr, $client:expr, $retries:expr, $timeouts:expr) => {{
        let credentials = aws_credential_types::Credentials::new(
            $config.access_key_id.expose(),
            $config.secret_access_key.expose(),
            Some($config.session_token.expose().clone()).filter(|token| !token.is_empty()),
            None,
            "environment",
        );
        let mut sdk = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::v2026_01_12())
            .region($sdk::config::Region::new($config.region.clone()))
            .credentials_provider(credentials)
            .http_client(crate::aws::connector::SdkHttp($client.clone()))
            .sleep_impl(aws_smithy_async::rt::sleep::TokioSleep::new())
            .timeout_config($timeouts)
            .retry_config($retries);
        sdk.set_endpoint_url($endpoint);
        $sdk::Client::from_conf(sdk.build())
    }};
}
#[cfg(feature = "secrets")]
use sdk_client;

/// A DynamoDB client whose connection is already open when this returns.
#[cfg(feature = "dynamodb")]
pub async fn dynamodb(config: &AwsConfig, client: &Client) -> aws_sdk_dynamodb::Client {
    sdk_client!(aws_sdk_dynamodb, config.open(Service::DynamoDb, client).await, config, client)
}

/// An SQS client whose connection is already open when this returns.
#[cfg(feature = "sqs")]
pub async fn sqs(config: &AwsConfig, client: &Client) -> aws_sdk_sqs::Client {
    sdk_client!(aws_sdk_sqs, config.open(Service::Sqs, client).await, config, client)
}

/// A client of SES, version 2, whose connection is already open when this returns.
///
/// It repeats no call, for the reason that [`sns`] has.
#[cfg(feature = "ses")]
pub async fn ses(config: &AwsConfig, client: &Client) -> aws_sdk_sesv2::Client {
    sdk_client!(
        aws_sdk_sesv2,
        config.open(Service::Ses, client).await,
        config,
        client,
        RetryConfig::disabled(),
        once()
    )
}

/// An SQS client that connects with its first call: for what is called only when something failed.
#[cfg(feature = "sqs")]
#[must_use]
pub fn sqs_when_needed(config: &AwsConfig, client: &Client) -> aws_sdk_sqs::Client {
    sdk_client!(aws_sdk_sqs, config.endpoint(Service::Sqs).overridden(), config, client)
}

/// An SNS client whose connection is already open when this returns.
///
/// It repeats no call: a `Publish` whose answer was lost has perhaps been delivered, and SNS knows
/// no idempotency for text messages. Who publishes decides what to repeat.
#[cfg(feature = "sns")]
pub async fn sns(config: &AwsConfig, client: &Client) -> aws_sdk_sns::Client {
    sdk_client!(
        aws_sdk_sns,
        config.open(Service::Sns, client).await,
        config,
        client,
        RetryConfig::disabled(),
        once()
    )
}

/// Longest time that a call may take which is made only once.
pub const ONCE: std::time::Duration = std::time::Duration::from_millis(2_500);

/// A bound for what is made only once: to give up early would gain nothing, and leave open what
/// became of it.
#[cfg(any(feature = "ses", feature = "sns"))]
fn once() -> aws_smithy_types::timeout::TimeoutConfig {
    aws_smithy_types::timeout::TimeoutConfig::builder().operation_timeout(ONCE).build()
}

/// Bounds on one call: AWS answers in milliseconds, so a second means a lost connection. Each is
/// repeated within two and a half seconds, so three calls fit into an invocation of ten seconds
/// and five into one of fifteen, with time left to answer.
fn timeouts() -> aws_smithy_types::timeout::TimeoutConfig {
    aws_smithy_types::timeout::TimeoutConfig::builder()
        .operation_attempt_timeout(std::time::Duration::from_secs(1))
        .operation_timeout(std::time::Duration::from_millis(2_500))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(pairs: &[(&str, &str)]) -> Result<AwsConfig, ConfigError> {
        let lookup = |name: &str| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        AwsConfig::read(Variables::from_fn(&lookup))
    }

    const KEYS: [(&str, &str); 2] =
        [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "hunter2")];

    #[test]
    fn endpoints_follow_the_sdks_own_variables() {
        let endpoint = |region: &str, all: &str, own: &str| {
            let mut pairs = KEYS.to_vec();
            pairs.extend([("AWS_REGION", region), ("AWS_ENDPOINT_URL", all)]);
            pairs.push(("AWS_ENDPOINT_URL_SQS", own));
            let found = config(&pairs).unwrap().endpoint(Service::Sqs);
            (found.url, found.is_overridden)
        };
        let aws = "https://sqs.eu-central-1.amazonaws.com";
        assert_eq!(endpoint("eu-central-1", "", ""), (aws.to_owned(), false));
        let china = "https://sqs.cn-north-1.amazonaws.com.cn";
        assert_eq!(endpoint("cn-north-1", "", ""), (china.to_owned(), false));
        assert_eq!(endpoint("r", "http://all:1", ""), ("http://all:1".to_owned(), true));
        assert_eq!(
            endpoint("r", "http://all:1", "http://own:2"),
            ("http://own:2".to_owned(), true)
        );
    }

    #[test]
    fn services_are_found_by_their_numbers() {
        let numbers = Service::ALL.map(|service| service as usize);
        assert_eq!(numbers, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn everything_missing_is_named_and_secrets_are_not_shown() {
        let error = config(&[]).unwrap_err();
        assert_eq!(error.problems().len(), 3);
        let mut pairs = KEYS.to_vec();
        pairs.push(("AWS_REGION", "eu-central-1"));
        assert!(!format!("{:?}", config(&pairs).unwrap()).contains("hunter2"));
    }
}
