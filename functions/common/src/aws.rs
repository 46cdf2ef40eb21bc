//! AWS SDK set-up that starts quickly.
//!
//! In Lambda the region and the credentials are environment variables, so nothing of
//! `aws-config`'s search for them is needed. Endpoints follow the SDK's own variables
//! (`AWS_ENDPOINT_URL_<SERVICE>`, then `AWS_ENDPOINT_URL`), plain `http://` included, so the same
//! binary talks to a local stack.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::Full;
use lambda_http::http::{self, Uri};

use crate::client::Client;
use crate::config::{ConfigError, Variables};
use crate::redact::Secret;

/// Where AWS is and who calls it.
#[derive(Debug, Clone)]
pub struct AwsConfig {
    region: String,
    access_key_id: Secret<String>,
    secret_access_key: Secret<String>,
    session_token: Secret<String>,
    endpoint: String,
    dynamodb_endpoint: String,
}

impl AwsConfig {
    /// Reads what Lambda sets (`AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_SESSION_TOKEN`) and the endpoints (`AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL`).
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
            dynamodb_endpoint: v.optional("AWS_ENDPOINT_URL_DYNAMODB", String::new()),
        })
    }

    fn credentials(&self) -> Credentials {
        Credentials::new(
            self.access_key_id.expose(),
            self.secret_access_key.expose(),
            Some(self.session_token.expose().clone()).filter(|token| !token.is_empty()),
            None,
            "environment",
        )
    }

    /// The endpoint of a service: its own, the one for all services, or the one AWS has for the
    /// prefix (`dynamodb`) in this region.
    fn endpoint(&self, own: &str, prefix: &str) -> Endpoint {
        let overridden = [own, &self.endpoint].into_iter().find(|url| !url.is_empty());
        if let Some(url) = overridden {
            return Endpoint { url: url.to_owned(), is_overridden: true };
        }
        let is_china = self.region.starts_with("cn-");
        let domain = if is_china { "amazonaws.com.cn" } else { "amazonaws.com" };
        let url = format!("https://{prefix}.{}.{domain}", self.region);
        Endpoint { url, is_overridden: false }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Endpoint {
    url: String,
    is_overridden: bool,
}

/// A DynamoDB client whose connection is already open when this returns.
pub async fn dynamodb(config: &AwsConfig, client: &Client) -> aws_sdk_dynamodb::Client {
    let endpoint = config.endpoint(&config.dynamodb_endpoint, "dynamodb");
    if let Ok(origin) = endpoint.url.parse::<Uri>() {
        client.warm(&origin).await;
    }
    let mut sdk = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(config.region.clone()))
        .credentials_provider(config.credentials())
        .http_client(SdkHttp(client.clone()))
        .sleep_impl(TokioSleep::new())
        .timeout_config(timeouts());
    sdk.set_endpoint_url(endpoint.is_overridden.then_some(endpoint.url));
    aws_sdk_dynamodb::Client::from_conf(sdk.build())
}

/// Bounds on one call: DynamoDB answers in milliseconds, so a second means a lost connection. Three
/// calls, each repeated, fit into an invocation of ten seconds, with time left to answer.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(1))
        .operation_timeout(Duration::from_millis(2_500))
        .build()
}

/// Lets the SDK send over our [`Client`], instead of bringing a second HTTP stack.
#[derive(Debug, Clone)]
struct SdkHttp(Client);

impl HttpClient for SdkHttp {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for SdkHttp {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| user(error.into()))?;
            let (parts, body) = request.into_parts();
            let bytes = body
                .bytes()
                .map(Bytes::copy_from_slice)
                .ok_or_else(|| user("streaming request bodies are not supported".into()))?;
            let request = http::Request::from_parts(parts, Full::new(bytes));
            // Broken connections count as input/output errors, which the SDK retries.
            let sent = client.send(request).await;
            let response = sent.map_err(|error| ConnectorError::io(error.into()))?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

fn user(error: Box<dyn std::error::Error + Send + Sync>) -> ConnectorError {
    ConnectorError::user(error)
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
            let found = config(&pairs).unwrap().endpoint(own, "dynamodb");
            (found.url, found.is_overridden)
        };
        let aws = "https://dynamodb.eu-central-1.amazonaws.com";
        assert_eq!(endpoint("eu-central-1", "", ""), (aws.to_owned(), false));
        let china = "https://dynamodb.cn-north-1.amazonaws.com.cn";
        assert_eq!(endpoint("cn-north-1", "", ""), (china.to_owned(), false));
        assert_eq!(endpoint("r", "http://all:1", ""), ("http://all:1".to_owned(), true));
        assert_eq!(
            endpoint("r", "http://all:1", "http://own:2"),
            ("http://own:2".to_owned(), true)
        );
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
