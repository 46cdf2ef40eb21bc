//! One log line per request, with the ids by which it is found and nothing the caller wrote.

use std::convert::Infallible;
use std::task::{Context, Poll};
use std::time::Instant;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use lambda_http::{Body, Request, RequestExt as _, Response, Service};
use tower::Layer;
use tracing::Instrument as _;

use crate::http::{request_id, route_key};
use crate::telemetry::is_cold_start;

/// Logs each request once it is answered.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccessLogLayer;

/// See [`AccessLogLayer`].
#[derive(Debug, Clone)]
pub struct AccessLog<S> {
    inner: S,
}

impl<S> Layer<S> for AccessLogLayer {
    type Service = AccessLog<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AccessLog { inner }
    }
}

impl<S> Service<Request> for AccessLog<S>
where
    S: Service<Request, Response = Response<Body>, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let context = request.lambda_context_ref();
        let span = tracing::info_span!(
            "request",
            request_id = request_id(&request),
            invocation_id = context.map(|context| context.request_id.as_str()),
            trace_id = context.and_then(|context| context.xray_trace_id.as_deref()),
        );
        let method = request.method().clone();
        let route = route_key(&request).map(str::to_owned);
        let cold_start = is_cold_start();
        let started = Instant::now();
        let answer = span.in_scope(|| self.inner.call(request));
        async move {
            let response = answer.await?;
            tracing::info!(
                method = method.as_str(),
                route,
                status = response.status().as_u16(),
                duration_ms = started.elapsed().as_secs_f64() * 1e3,
                cold_start,
                "request answered"
            );
            Ok(response)
        }
        .instrument(span)
        .boxed()
    }
}
