//! HTTP functions: the loop that serves them, and layers every one of them wants.
//!
//! [`serve`] puts [`problems::ProblemLayer`] and [`access_log::AccessLogLayer`] around a handler,
//! so that every request is answered and logged, a panic included.
//!
//! ```
//! use std::time::SystemTime;
//!
//! use common::bootstrap::Error;
//! use common::http::{self, Handler};
//! use common::problem::Problem;
//! use lambda_http::http::StatusCode;
//! use lambda_http::{Body, Request, Response};
//!
//! struct Hello;
//!
//! impl Handler for Hello {
//!     async fn handle(&self, _: &Request, _: SystemTime) -> Result<Response<Body>, Problem> {
//!         http::json(StatusCode::OK, &"hello")
//!     }
//! }
//!
//! async fn start() -> Result<(), Error> {
//!     http::serve(http::service(Hello)).await
//! }
//! ```

pub mod access_log;
pub mod body;
pub mod cross_site;
pub(crate) mod harden;
pub mod keyed;
pub mod page;
pub mod problems;
pub mod protection;
#[cfg(feature = "pages")]
pub mod site;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lambda_http::http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use lambda_http::http::{HeaderValue, StatusCode};
use lambda_http::request::{LambdaRequest, RequestContext};
use lambda_http::{Adapter, Body, LambdaEvent, Request, RequestExt as _, Response, Service};
use serde::Serialize;
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::bootstrap::Error;
use crate::problem::Problem;
use crate::{clock, deadline};

/// Answers requests. [`service`] makes a service of it.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request, received at `now`.
    ///
    /// # Errors
    /// The problem to answer with.
    fn handle(
        &self,
        request: &Request,
        now: SystemTime,
    ) -> impl Future<Output = Result<Response<Body>, Problem>> + Send;
}

/// A service that hands each request and the time to a handler.
pub fn service<H: Handler>(
    handler: H,
) -> impl Service<Request, Response = Response<Body>, Error = Problem, Future: Send + 'static>
+ Clone
+ Send
+ 'static {
    let handler = Arc::new(handler);
    service_fn(move |request| {
        let handler = Arc::clone(&handler);
        async move { handler.handle(&request, clock::now()).await }
    })
}

/// Serves requests until Lambda stops the process.
///
/// # Errors
/// When the Runtime API cannot be reached.
pub async fn serve<S>(handler: S) -> Result<(), Error>
where
    S: Service<Request, Response = Response<Body>> + Clone + Send + 'static,
    S::Error: Into<Problem> + Send,
    S::Future: Send + 'static,
{
    let layered = problems::ProblemLayer.layer(handler);
    let logged = access_log::AccessLogLayer.layer(layered);
    lambda_runtime::run(service_fn(move |mut event: LambdaEvent<LambdaRequest>| {
        harden::request(&mut event.payload);
        // The adapter converts one request; it holds nothing but the handler.
        Adapter::from(logged.clone().map_response(harden::response)).oneshot(event)
    }))
    .await
}

/// How long this invocation may still take; zero when its deadline has passed.
///
/// `None` outside Lambda, where there is no deadline: zero and none are not the same.
#[must_use]
pub fn remaining(request: &Request, now: SystemTime) -> Option<Duration> {
    let deadline = deadline::of(request.lambda_context_ref()?)?;
    Some(deadline.duration_since(now).unwrap_or_default())
}

/// The id API Gateway gave the request; its callers see it as `apigw-requestid`.
#[must_use]
pub fn request_id(request: &Request) -> Option<&str> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => context.request_id.as_deref(),
        _ => None,
    }
}

/// The route API Gateway matched, such as `GET /widgets/{id}`: free of what the caller wrote.
#[must_use]
pub fn route_key(request: &Request) -> Option<&str> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => context.route_key.as_deref(),
        _ => None,
    }
}

/// The address of the caller as API Gateway saw it, whatever headers claim.
#[must_use]
pub fn source_ip(request: &Request) -> Option<&str> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => context.http.source_ip.as_deref(),
        _ => None,
    }
}

/// A JSON response that browsers must not take for anything else.
///
/// # Errors
/// An internal problem when the value does not serialise.
pub fn json(status: StatusCode, value: &impl Serialize) -> Result<Response<Body>, Problem> {
    let text = serde_json::to_string(value).map_err(Problem::internal)?;
    let mut response = Response::new(Body::Text(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}
