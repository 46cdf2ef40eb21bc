//! An HTTP(S) client that can open its connection before the first invocation.
//!
//! hyper with rustls on *ring*, HTTP/1.1, and the certificate roots of Mozilla built in: reading
//! the system's roots takes longer than everything else a function does to start. Roots of your
//! own are added with `AWS_CA_BUNDLE`, a PEM file.
//!
//! On Lambda the CPU runs at full speed during INIT and at a share of it afterwards, so a TLS
//! handshake made by [`Client::warm`] costs a fraction of the same handshake in the first request.
//!
//! ```no_run
//! use common::client::Client;
//! use http_body_util::Full;
//! use lambda_http::http::{Request, Uri};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new()?;
//! client.warm(&Uri::from_static("https://api.example")).await; // during INIT
//! let request = Request::get("https://api.example/widgets").body(Full::default())?;
//! let response = client.send(request).await?; // in the first invocation
//! # Ok(()) }
//! ```

mod guard;

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{
    ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream,
};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use lambda_http::http::uri::{Authority, Scheme};
use lambda_http::http::{Request, Response, Uri};
use lambda_http::{Service, tower::ServiceExt as _};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio::net::TcpStream;

pub use self::guard::AddressRefused;
use self::guard::{Guard, Resolver};
use crate::config::environment;

/// Longest time to wait for a TCP connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest time the start may wait for a connection; Lambda allows it ten seconds in all.
const WARM_TIMEOUT: Duration = Duration::from_secs(1);
/// A connection that slept longer was most likely closed by the other side.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Sends requests over pooled connections. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Client {
    inner: hyper_util::client::legacy::Client<WarmConnector, Full<Bytes>>,
    connector: WarmConnector,
}

/// A failure to send a request or to receive the head of its response.
pub type Error = hyper_util::client::legacy::Error;

/// The extra roots could not be read.
#[derive(Debug, thiserror::Error)]
#[error("AWS_CA_BUNDLE {} cannot be read", path.display())]
pub struct CaBundleError {
    path: PathBuf,
    #[source]
    source: rustls::pki_types::pem::Error,
}

impl Client {
    /// Builds a client; opens no connection yet.
    ///
    /// # Errors
    /// When `AWS_CA_BUNDLE` names a file that holds no readable certificates.
    pub fn new() -> Result<Self, CaBundleError> {
        Self::build(None)
    }

    /// Builds a client for URLs that others chose: it connects to addresses that `guard` allows,
    /// asked once names were looked up, and else fails because of [`AddressRefused`].
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn guarded(guard: fn(IpAddr) -> bool) -> Result<Self, CaBundleError> {
        Self::build(Some(guard))
    }

    fn build(guard: Option<Guard>) -> Result<Self, CaBundleError> {
        let bundle = environment("AWS_CA_BUNDLE").map(PathBuf::from);
        let connector = WarmConnector::new(tls(bundle)?, Resolver::new(guard));
        let inner = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(connector.clone());
        Ok(Self { inner, connector })
    }

    /// Opens a connection to an origin, TLS included, for the first request to use.
    ///
    /// A failure is only logged: the first request tries again and reports it in its own terms.
    pub async fn warm(&self, origin: &Uri) {
        let opening = self.connector.open_ahead(origin.clone());
        match tokio::time::timeout(WARM_TIMEOUT, opening).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(error = %error, "connection not opened ahead"),
            Err(_) => tracing::warn!("connection not opened ahead in time"),
        }
    }

    /// Sends a request and waits for the head of the response. Redirects are not followed.
    ///
    /// # Errors
    /// When no connection could be made or it broke before the head arrived.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Error> {
        self.inner.request(request).await
    }
}

fn tls(bundle: Option<PathBuf>) -> Result<ClientConfig, CaBundleError> {
    let provider = Arc::new(ring::default_provider());
    // The ring provider supports the default versions, so the builder cannot fail.
    #[expect(clippy::expect_used, reason = "a property of the provider, not of input")]
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring supports TLS 1.2 and 1.3");
    let Some(path) = bundle else {
        return Ok(builder.with_webpki_roots().with_no_client_auth());
    };
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let failed = |source| CaBundleError { path: path.clone(), source };
    let certificates: Vec<_> = CertificateDer::pem_file_iter(&path)
        .and_then(Iterator::collect::<Result<_, _>>)
        .map_err(failed)?;
    if roots.add_parsable_certificates(certificates).0 == 0 {
        return Err(failed(rustls::pki_types::pem::Error::NoItemsFound));
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Hands out a connection that was opened ahead, once, and opens new ones after that.
#[derive(Clone)]
struct WarmConnector {
    inner: HttpsConnector<HttpConnector<Resolver>>,
    resolver: Resolver,
    ahead: Arc<Mutex<Vec<Ahead>>>,
}

/// Scheme and authority: a plain connection is none for an encrypted request.
type Origin = (Option<Scheme>, Option<Authority>);

fn origin_of(uri: &Uri) -> Origin {
    (uri.scheme().cloned(), uri.authority().cloned())
}

struct Ahead {
    origin: Origin,
    opened: Instant,
    stream: Stream,
}

impl WarmConnector {
    fn new(tls: ClientConfig, resolver: Resolver) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(resolver.clone());
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        tcp.enforce_http(false);
        let inner = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Self { inner, resolver, ahead: Arc::default() }
    }

    async fn open_ahead(&self, origin: Uri) -> Result<(), BoxError> {
        self.resolver.check(&origin)?;
        let name = origin_of(&origin);
        let stream = self.inner.clone().oneshot(origin).await?;
        let ahead = Ahead { origin: name, opened: Instant::now(), stream };
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner).push(ahead);
        Ok(())
    }

    fn take_ahead(&self, target: &Uri) -> Option<Stream> {
        let mut waiting = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = origin_of(target);
        let at = waiting.iter().position(|ahead| ahead.origin == origin)?;
        let ahead = waiting.swap_remove(at);
        (ahead.opened.elapsed() < IDLE_TIMEOUT).then_some(ahead.stream)
    }
}

impl Service<Uri> for WarmConnector {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        match (self.take_ahead(&target), self.resolver.check(&target)) {
            (Some(stream), _) => Box::pin(async { Ok(stream) }),
            (None, Ok(())) => Box::pin(self.inner.call(target)),
            (None, Err(refused)) => Box::pin(async move { Err(refused.into()) }),
        }
    }
}

impl fmt::Debug for WarmConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WarmConnector")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt as _;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// A server that answers every request, and the number of connections it was asked for.
    pub(super) async fn server() -> (Uri, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let mut buffer = [0; 1024];
                    while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                        stream
                            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
                            .await
                            .unwrap();
                    }
                });
            }
        });
        (origin, connections)
    }

    pub(super) async fn get(client: &Client, origin: &Uri) -> Bytes {
        let request = Request::get(origin).body(Full::default()).unwrap();
        client.send(request).await.unwrap().into_body().collect().await.unwrap().to_bytes()
    }

    #[tokio::test]
    async fn the_connection_opened_ahead_is_the_one_that_is_used() {
        let (origin, connections) = server().await;
        let client = Client::new().unwrap();
        client.warm(&origin).await;
        assert_eq!(get(&client, &origin).await, "hi");
        assert_eq!(get(&client, &origin).await, "hi");
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_connection_opened_ahead_is_for_its_origin_only() {
        let (origin, connections) = server().await;
        let (other, _) = server().await;
        let client = Client::new().unwrap();
        client.warm(&other).await;
        assert_eq!(get(&client, &origin).await, "hi");
        assert_eq!(connections.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn an_origin_that_is_down_does_not_stop_the_start() {
        let client = Client::new().unwrap();
        client.warm(&Uri::from_static("http://127.0.0.1:1")).await;
        let (origin, _) = server().await;
        assert_eq!(get(&client, &origin).await, "hi");
    }

    #[test]
    fn a_bundle_without_certificates_is_refused_by_name() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let error = tls(Some(path.into())).unwrap_err();
        assert!(error.to_string().contains("Cargo.toml cannot be read"), "{error}");
        assert!(tls(Some(PathBuf::from("absent.pem"))).is_err());
    }
}
