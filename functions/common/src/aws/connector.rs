//! The SDK's requests, sent over our own client.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::Full;
use lambda_http::http;

use crate::client::Client;

/// Lets the SDK send over our [`Client`], instead of bringing a second HTTP stack.
#[derive(Debug, Clone)]
pub(super) struct SdkHttp(pub(super) Client);

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
