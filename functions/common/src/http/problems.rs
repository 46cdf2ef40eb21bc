//! Turns what a handler fails with, a panic included, into an RFC 9457 response.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use lambda_http::{Body, Request, Response, Service};
use tower::Layer;

use crate::http::request_id;
use crate::problem::Problem;

/// Makes a service that always answers out of one that may fail.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProblemLayer;

/// See [`ProblemLayer`].
#[derive(Debug, Clone)]
pub struct Problems<S> {
    inner: S,
}

impl<S> Layer<S> for ProblemLayer {
    type Service = Problems<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Problems { inner }
    }
}

impl<S> Service<Request> for Problems<S>
where
    S: Service<Request, Response = Response<Body>>,
    S::Error: Into<Problem>,
    S::Future: Send + 'static,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        // A handler that is never ready would hang the invocation; one that fails here answers
        // the next call with the same failure.
        self.inner.poll_ready(cx).map(|_| Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let id = request_id(&request).map(str::to_owned);
        // State shared across requests is locked or atomic, so a panic leaves none half made.
        let answer = catch_unwind(AssertUnwindSafe(|| self.inner.call(request)));
        async move {
            let outcome = match answer {
                Ok(answer) => AssertUnwindSafe(answer).catch_unwind().await,
                Err(panic) => Err(panic),
            };
            let problem = match outcome {
                Ok(Ok(response)) => return Ok(response),
                Ok(Err(error)) => error.into(),
                Err(_) => Problem::internal("the handler panicked"),
            };
            if problem.status().is_server_error() {
                let cause = problem.logged_cause().unwrap_or("none given");
                tracing::error!(problem = problem.kind(), cause, "request failed");
            } else {
                tracing::info!(problem = problem.kind(), "request refused");
            }
            Ok(match id {
                Some(id) => problem.with("requestId", id),
                None => problem,
            }
            .into_response())
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::http::StatusCode;
    use tower::{ServiceExt as _, service_fn};

    async fn status_of<F>(handler: impl Fn(Request) -> F + Clone) -> StatusCode
    where
        F: Future<Output = Result<Response<Body>, Problem>> + Send + 'static,
    {
        let service = ProblemLayer.layer(service_fn(handler));
        service.oneshot(Request::default()).await.unwrap().status()
    }

    #[tokio::test]
    async fn an_error_becomes_its_problem() {
        let refuse = |_| async { Err(Problem::new(StatusCode::CONFLICT, "taken", "Taken")) };
        assert_eq!(status_of(refuse).await, 409);
    }

    #[tokio::test]
    async fn a_panic_becomes_an_internal_problem() {
        let refuse = |_| async { panic!("boom") };
        assert_eq!(status_of(refuse).await, 500);
    }
}
