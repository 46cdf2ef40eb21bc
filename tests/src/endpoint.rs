//! A service on this machine that functions call instead of a real one.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, Result};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::certificates::Certificates;
use crate::services::operation;
use crate::wire::{Request, Response};

/// What a service answers.
pub type Service = fn(&Request) -> Response;

/// How often each operation was asked for.
pub type Operations = BTreeMap<String, usize>;

/// A listening service. It serves each connection on a thread of its own until it is dropped.
#[derive(Debug)]
pub struct Endpoint {
    port: u16,
    scheme: &'static str,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    service: Service,
    tls: Option<Arc<ServerConfig>>,
    is_closed: AtomicBool,
    connections: AtomicUsize,
    operations: Mutex<Operations>,
}

impl Endpoint {
    /// Serves over TLS.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn tls(service: Service, certificates: &Certificates) -> Result<Self> {
        Self::start(service, Some(certificates.server()))
    }

    /// Serves over plain HTTP.
    ///
    /// # Errors
    /// When there is no free port.
    pub fn plain(service: Service) -> Result<Self> {
        Self::start(service, None)
    }

    fn start(service: Service, tls: Option<Arc<ServerConfig>>) -> Result<Self> {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = TcpListener::bind("127.0.0.1:0").context("no free port")?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            service,
            tls,
            is_closed: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            operations: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.is_closed.load(Ordering::Relaxed) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                accepting.connections.fetch_add(1, Ordering::Relaxed);
                let serving = Arc::clone(&accepting);
                // Clients come and go; a broken connection is theirs to report.
                thread::spawn(move || serving.serve(stream));
            }
        });
        Ok(Self { port, scheme, shared })
    }

    /// Where it is, without a trailing slash.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://localhost:{}", self.scheme, self.port)
    }

    /// Connections there have been.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Requests there have been, by what they ask for.
    #[must_use]
    pub fn operations(&self) -> Operations {
        self.shared.operations.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.shared.is_closed.store(true, Ordering::Relaxed);
        // Wakes the listening thread up, for it to see that it is over.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        match &self.tls {
            None => self.converse(stream),
            Some(config) => {
                let connection =
                    ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
                self.converse(StreamOwned::new(connection, stream))
            }
        }
    }

    fn count(&self, operation: String) {
        let mut operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        *operations.entry(operation).or_default() += 1;
    }

    fn converse(&self, stream: impl Read + Write) -> io::Result<()> {
        let mut stream = BufReader::with_capacity(64 * 1024, stream);
        while let Some(request) = Request::read(&mut stream)? {
            self.count(operation(&request));
            (self.service)(&request).write(stream.get_mut())?;
        }
        Ok(())
    }
}
