//! The least HTTPS proxy: sends each request's body on as it is and returns the answer.
//!
//! It has the decorator's stack (hyper, rustls on *ring*) and none of its features.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use lambda_http::http::header::{CONTENT_TYPE, HeaderValue};
use lambda_http::{Body, Error, Request, RequestExt as _, Response, run, service_fn};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

type Upstream = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::disallowed_methods, reason = "as little as possible between this and the system")]
async fn main() -> Result<(), Error> {
    let url = std::env::var("WIDGETS_URL")?;
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls(std::env::var("AWS_CA_BUNDLE").ok())?)
        .https_or_http()
        .enable_http1()
        .build();
    let client: Upstream = Client::builder(TokioExecutor::new()).build(connector);
    run(service_fn(|request| forward(&client, &url, request))).await
}

fn tls(bundle: Option<String>) -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?;
    let Some(bundle) = bundle else {
        return Ok(builder.with_webpki_roots().with_no_client_auth());
    };
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for certificate in CertificateDer::pem_file_iter(bundle)? {
        roots.add(certificate?)?;
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

async fn forward(client: &Upstream, url: &str, request: Request) -> Result<Response<Body>, Error> {
    let path = request.raw_http_path().trim_start_matches("/decorated");
    let onward = lambda_http::http::Request::builder()
        .method(request.method().clone())
        .uri(format!("{url}{path}"))
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .body(Full::new(Bytes::copy_from_slice(request.body())))?;
    let (head, body) = client.request(onward).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    let mut response = Response::new(Body::from(std::str::from_utf8(&body)?));
    *response.status_mut() = head.status;
    *response.headers_mut() = head.headers;
    Ok(response)
}
