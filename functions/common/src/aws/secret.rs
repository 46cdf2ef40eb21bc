//! Secrets, read once while the function starts.

use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;

use super::{AwsConfig, RetryConfig, Service, sdk_client};
use crate::client::Client;
use crate::redact::Secret;

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Secrets Manager did not give it.
    #[error("the secret cannot be read")]
    Call(#[from] Box<SdkError<GetSecretValueError>>),
    /// It holds bytes, or nothing, where text is expected.
    #[error("the secret is not text")]
    NotText,
}

/// Reads the current version of a secret from Secrets Manager, by ARN or name.
///
/// One call, meant for INIT: a function that keeps the value needs none while it serves. A secret
/// that was rotated is seen by instances that start afterwards.
///
/// # Errors
/// When it cannot be read or is not text.
pub async fn secret(
    config: &AwsConfig,
    client: &Client,
    id: &str,
) -> Result<Secret<String>, SecretError> {
    let client = sdk_client!(
        aws_sdk_secretsmanager,
        config.open(Service::SecretsManager, client).await,
        config,
        client
    );
    let found = client.get_secret_value().secret_id(id).send().await.map_err(Box::new)?;
    let text = found.secret_string.filter(|text| !text.is_empty());
    text.map(Secret::new).ok_or(SecretError::NotText)
}
