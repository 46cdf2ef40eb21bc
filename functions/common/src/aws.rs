//! AWS SDK set-up that starts quickly.
//!
//! In Lambda the region and the credentials are environment variables, so nothing of
//! `aws-config`'s search for them is needed. Endpoints follow the SDK's own variables
//! (`AWS_ENDPOINT_URL_<SERVICE>`, then `AWS_ENDPOINT_URL`), plain `http://` included, so the same
//! binary talks to a local stack.

use aws_credential_types::Credentials;
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
}

impl AwsConfig {
    /// Reads what Lambda sets: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
    /// `AWS_SESSION_TOKEN`.
    ///
    /// # Errors
    /// All variables that are missing.
    pub fn read(variables: Variables<'_>) -> Result<Self, ConfigError> {
        variables.read(|v| Self {
            region: v.required("AWS_REGION"),
            access_key_id: v.required("AWS_ACCESS_KEY_ID"),
            secret_access_key: v.required("AWS_SECRET_ACCESS_KEY"),
            session_token: v.optional("AWS_SESSION_TOKEN", Secret::default()),
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

    /// The endpoint of a service, by its prefix in host names (`dynamodb`) and its suffix in
    /// variables (`DYNAMODB`).
    fn endpoint(&self, prefix: &str, suffix: &str) -> Endpoint {
        let own = crate::config::environment(&format!("AWS_ENDPOINT_URL_{suffix}"));
        if let Some(url) = own.or_else(|| crate::config::environment("AWS_ENDPOINT_URL")) {
            return Endpoint { warm: url.clone(), overridden: Some(url) };
        }
        let domain =
            if self.region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        Endpoint { warm: format!("https://{prefix}.{}.{domain}", self.region), overridden: None }
    }
}

struct Endpoint {
    warm: String,
    overridden: Option<String>,
}

/// A DynamoDB client whose connection is already open when this returns.
#[cfg(feature = "dynamodb")]
pub async fn dynamodb(config: &AwsConfig, client: &Client) -> aws_sdk_dynamodb::Client {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Region};

    let endpoint = config.endpoint("dynamodb", "DYNAMODB");
    if let Ok(origin) = endpoint.warm.parse::<Uri>() {
        client.warm(&origin).await;
    }
    let mut sdk = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(config.region.clone()))
        .credentials_provider(config.credentials())
        .http_client(SdkHttp(client.clone()))
        .sleep_impl(TokioSleep::new())
        .timeout_config(timeouts());
    sdk.set_endpoint_url(endpoint.overridden);
    aws_sdk_dynamodb::Client::from_conf(sdk.build())
}

/// Bounds on one call: DynamoDB answers in milliseconds, so seconds mean a lost connection.
#[cfg(feature = "dynamodb")]
fn timeouts() -> aws_smithy_types::timeout::TimeoutConfig {
    use std::time::Duration;

    aws_smithy_types::timeout::TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(7))
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
