//! Everything a function needs around it, on this machine.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::certificates::Certificates;
use crate::endpoint::Endpoint;
use crate::function::Launch;
use crate::services;

/// The services that functions call, over TLS.
#[derive(Debug)]
pub struct Stage {
    certificates: Certificates,
    dynamodb: Endpoint,
    widgets: Endpoint,
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
        Ok(Self {
            dynamodb: Endpoint::tls(services::dynamodb, &certificates)?,
            widgets: Endpoint::tls(services::widgets, &certificates)?,
            certificates,
            folder,
        })
    }

    /// A launch with everything in its environment that any function asks for, so that all of
    /// them find the same.
    #[must_use]
    pub fn launch(&self, program: impl Into<PathBuf>) -> Launch {
        let bundle = self.certificates.bundle();
        Launch::new(program)
            .env("AWS_ENDPOINT_URL", self.dynamodb.url())
            .env("WIDGETS_URL", self.widgets.url())
            .env("WIDGETS_TABLE", "widgets")
            .env("IDEMPOTENCY_TABLE", "idempotency")
            // One name in Rust and boto3, another in requests, a third in Node.
            .env("AWS_CA_BUNDLE", bundle)
            .env("REQUESTS_CA_BUNDLE", bundle)
            .env("NODE_EXTRA_CA_CERTS", bundle)
    }

    /// Where files go.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// DynamoDB.
    #[must_use]
    pub const fn dynamodb(&self) -> &Endpoint {
        &self.dynamodb
    }

    /// The API behind the decorator.
    #[must_use]
    pub const fn widgets(&self) -> &Endpoint {
        &self.widgets
    }
}
