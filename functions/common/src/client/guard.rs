//! Keeps a client away from addresses that are not for it.
//!
//! Names are looked up by the connector itself, once for each connection, and only what the guard
//! allows is handed on to be connected to. So there is no second look-up that could answer
//! differently ("DNS rebinding").

use std::error::Error as StdError;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use lambda_http::Service;
use lambda_http::http::Uri;

use super::BoxError;

/// Says whether an address may be connected to.
pub(super) type Guard = fn(IpAddr) -> bool;

/// The guard allows none of the addresses of a host. Nothing was sent to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the host has no address that may be connected to")]
pub struct AddressRefused;

impl AddressRefused {
    /// True when this is what an error came from.
    #[must_use]
    pub fn is_cause_of(error: &(dyn StdError + 'static)) -> bool {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<Self>() {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

/// Looks names up, and keeps what is allowed.
#[derive(Clone)]
pub(super) struct Resolver {
    inner: GaiResolver,
    guard: Option<Guard>,
}

impl Resolver {
    pub(super) fn new(guard: Option<Guard>) -> Self {
        Self { inner: GaiResolver::new(), guard }
    }

    /// Judges a host that is an address already: such a one is not looked up.
    pub(super) fn check(&self, target: &Uri) -> Result<(), AddressRefused> {
        let Some(guard) = self.guard else { return Ok(()) };
        let host = target.host().unwrap_or_default();
        match host.trim_start_matches('[').trim_end_matches(']').parse() {
            Ok(address) if !guard(address) => Err(AddressRefused),
            _ => Ok(()),
        }
    }
}

impl Service<Name> for Resolver {
    type Response = IntoIter<SocketAddr>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (found, guard) = (self.inner.call(name), self.guard);
        Box::pin(async move { Ok(allowed(found.await?, guard)?.into_iter()) })
    }
}

fn allowed(
    found: impl Iterator<Item = SocketAddr>,
    guard: Option<Guard>,
) -> Result<Vec<SocketAddr>, AddressRefused> {
    let Some(guard) = guard else { return Ok(found.collect()) };
    let allowed: Vec<SocketAddr> = found.filter(|address| guard(address.ip())).collect();
    if allowed.is_empty() { Err(AddressRefused) } else { Ok(allowed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;
    use crate::client::tests::{get, server};
    use bytes::Bytes;
    use http_body_util::Full;
    use lambda_http::http::Request;
    use std::sync::atomic::Ordering;

    async fn send(client: &Client, target: &str) -> Result<(), crate::client::Error> {
        let request = Request::get(target).body(Full::<Bytes>::default()).unwrap();
        client.send(request).await.map(|_| ())
    }

    #[tokio::test]
    async fn nothing_is_connected_to_that_the_guard_refuses_however_it_is_written() {
        let (origin, connections) = server().await;
        let port = origin.port().unwrap();
        let client = Client::guarded(|address| !address.to_canonical().is_loopback()).unwrap();
        // The last four are names to the connector, and addresses to the system that looks them up.
        for host in [
            "127.0.0.1",
            "[::ffff:127.0.0.1]",
            "localhost",
            "127.1",
            "2130706433",
            "0x7f.0.0.1",
            "0177.0.0.1",
        ] {
            let target = format!("http://{host}:{port}");
            client.warm(&target.parse().unwrap()).await;
            let error = send(&client, &target).await.unwrap_err();
            assert!(AddressRefused::is_cause_of(&error), "{host}: {error:?}");
            assert!(error.is_connect(), "{host}");
        }
        assert_eq!(connections.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn what_the_guard_allows_is_connected_to() {
        let (origin, connections) = server().await;
        let client = Client::guarded(|address| address.is_loopback()).unwrap();
        assert_eq!(get(&client, &origin).await, "hi");
        let named = format!("http://localhost:{}", origin.port().unwrap());
        assert_eq!(get(&client, &named.parse().unwrap()).await, "hi");
        assert_eq!(connections.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn other_failures_are_not_taken_for_the_guards() {
        let client = Client::guarded(|_| true).unwrap();
        for target in ["http://127.0.0.1:1", "http://no-such-host.invalid"] {
            let error = send(&client, target).await.unwrap_err();
            assert!(!AddressRefused::is_cause_of(&error), "{target}");
        }
    }

    #[test]
    fn of_several_addresses_those_that_are_refused_are_left_out() {
        let addresses = ["10.0.0.1:0", "192.0.2.1:0", "[::1]:0"];
        let found = || addresses.iter().map(|address| address.parse::<SocketAddr>().unwrap());
        let only: Guard = |address| address == IpAddr::from([192, 0, 2, 1]);
        assert_eq!(allowed(found(), Some(only)), Ok(vec![addresses[1].parse().unwrap()]));
        assert_eq!(allowed(found(), Some(|_| false)), Err(AddressRefused));
        assert_eq!(allowed(found(), None).unwrap().len(), 3);
    }
}
