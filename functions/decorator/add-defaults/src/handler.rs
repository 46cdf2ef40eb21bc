//! Orders what happens for each request.

use std::time::{Duration, Instant, SystemTime};

use common::client::Client;
use common::http::{Handler, json, remaining};
use common::problem::Problem;
use lambda_http::http::header::{ALLOW, HeaderName};
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt as _, Response};
use sha2::{Digest as _, Sha256};

use crate::config::{NoRoute, Routes, Upstream};
use crate::explain;
use crate::forward::{self, Caller};
use crate::outgoing::{Incoming, prepare};
use crate::reply::reply;
use crate::schema::{Generator, NoEntropy, Sequence};
use crate::upstream::{HttpUpstream, UpstreamError};

/// Names an intention of the client.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Time kept back from the upstream, so that a late one is answered for and not cut off.
const RESERVE: Duration = Duration::from_millis(250);

/// The routes and the way to their upstreams.
#[derive(Debug)]
pub struct Decorator {
    routes: Routes,
    upstream: HttpUpstream,
    sequence: Sequence,
    /// The name the function gives itself towards others.
    pseudonym: String,
}

impl Decorator {
    /// Decorates these routes. `pseudonym` is the function's name: it stands in `Via`, and a
    /// request in which it already stands has gone round in a circle.
    #[must_use]
    pub fn new(routes: Routes, client: Client, pseudonym: impl Into<String>) -> Self {
        let upstream = HttpUpstream::new(client);
        Self { routes, upstream, sequence: Sequence::new(), pseudonym: pseudonym.into() }
    }

    /// Opens a connection to each upstream, while starting is free of the invocation's CPU share.
    pub async fn warm(&self) {
        for upstream in self.routes.upstreams() {
            self.upstream.warm(upstream).await;
        }
    }

    /// Lends a generator that is fed by the operating system.
    ///
    /// With an idempotency key it is fed by the key instead: the same request with the same key is
    /// the same request to the upstream, too, although part of it was made up here.
    fn generate<T>(
        &self,
        now: SystemTime,
        key: Option<&[u8]>,
        work: impl FnOnce(&mut Generator<'_>) -> T,
    ) -> T {
        if let Some(seed) = self.routes.seed {
            return work(&mut Generator::seeded(seed, now));
        }
        let mut drawn = 0;
        let mut random = |bytes: &mut [u8]| match key {
            Some(key) => {
                stretch(key, &mut drawn, bytes);
                Ok(())
            }
            None => getrandom::fill(bytes).map_err(|_| NoEntropy),
        };
        work(&mut Generator::new(&mut random, now, &self.sequence))
    }
}

impl Handler for Decorator {
    async fn handle(&self, request: &Request, now: SystemTime) -> Result<Response<Body>, Problem> {
        let started = Instant::now();
        if forward::is_loop(request.headers(), &self.pseudonym) {
            return Err(Problem::new(
                StatusCode::LOOP_DETECTED,
                "loop",
                "The request went in a circle",
            )
            .cause("the upstream leads back to this function"));
        }
        let path = request.raw_http_path();
        let (route, parameters) = self.routes.find(request.method(), path).map_err(no_route)?;
        let upstream = self.routes.upstream(route);
        let (stage, caller) = origin(request);
        let is_dry_run = stage == Some(explain::DRY_RUN_STAGE);
        let explains = is_dry_run || explain::is_preferred(request.headers());
        let incoming = Incoming {
            method: request.method(),
            path,
            query: request.uri().query(),
            headers: request.headers(),
            body: request.body().as_ref(),
            caller,
        };
        let key = request.headers().get(IDEMPOTENCY_KEY).map(HeaderValue::as_bytes);
        let outgoing = self.generate(now, key, |generator| {
            let pseudonym = &self.pseudonym;
            prepare(route, upstream, &parameters, &incoming, generator, pseudonym, explains)
        })?;
        if is_dry_run {
            return json(StatusCode::OK, &explain::dry_run(route, upstream, &outgoing));
        }
        let remaining = remaining(request, now).map(|left| left.saturating_sub(started.elapsed()));
        let budget = budget(upstream, remaining)?;
        let answer = self.upstream.send(upstream, &outgoing, budget).await?;
        let mut response = self.generate(now, None, |generator| reply(route, answer, generator))?;
        if explains {
            let headers = response.headers_mut();
            headers.insert(explain::PREFERENCE_APPLIED, HeaderValue::from_static("explain"));
            if let Ok(filled) = HeaderValue::from_str(&explain::header(&outgoing.filled)) {
                headers.insert(explain::FILLED, filled);
            }
        }
        Ok(response)
    }
}

/// Fills bytes from digests of the key and a counter.
fn stretch(key: &[u8], drawn: &mut u64, bytes: &mut [u8]) {
    for chunk in bytes.chunks_mut(32) {
        let digest = Sha256::new().chain_update(drawn.to_be_bytes()).chain_update(key).finalize();
        chunk.copy_from_slice(&digest[..chunk.len()]);
        *drawn += 1;
    }
}

/// How long the upstream may take.
fn budget(upstream: &Upstream, remaining: Option<Duration>) -> Result<Duration, UpstreamError> {
    let left = match remaining {
        Some(remaining) => remaining.saturating_sub(RESERVE),
        None => upstream.timeout,
    };
    if left.is_zero() { Err(UpstreamError::TimedOut) } else { Ok(left.min(upstream.timeout)) }
}

fn origin(request: &Request) -> (Option<&str>, Caller) {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => (
            context.stage.as_deref(),
            Caller { source_ip: context.http.source_ip.clone(), host: context.domain_name.clone() },
        ),
        _ => (None, Caller::default()),
    }
}

fn no_route(reason: NoRoute) -> Problem {
    match reason {
        NoRoute::Path => Problem::new(StatusCode::NOT_FOUND, "no-route", "No such resource"),
        NoRoute::Method { allow } => {
            let problem = Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "Method not allowed",
            );
            match HeaderValue::from_str(&allow) {
                Ok(allow) => problem.header(ALLOW, allow),
                Err(_) => problem,
            }
        }
    }
}
