//! Start-up: logs first, one clear error when the start fails.
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use common::bootstrap::{self, Error};
//! use common::problem::Problem;
//! use lambda_http::{Body, Request, Response, service_fn};
//!
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> ExitCode {
//!     bootstrap::run(start).await
//! }
//!
//! async fn start() -> Result<(), Error> {
//!     common::http::serve(service_fn(hello)).await
//! }
//!
//! async fn hello(_: Request) -> Result<Response<Body>, Problem> {
//!     Ok(Response::new("hello".into()))
//! }
//! ```

use std::process::ExitCode;

use crate::problem::causes;
use crate::telemetry;

/// Anything that stops a function from starting or serving.
pub type Error = lambda_runtime::Error;

/// Runs a function until Lambda stops it.
///
/// A start that fails is logged with all its causes and ends the process, so that Lambda reports
/// the failure at once instead of timing out.
pub async fn run<F>(start: impl FnOnce() -> F) -> ExitCode
where
    F: Future<Output = Result<(), Error>>,
{
    telemetry::init();
    match start().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = causes(error.as_ref()), "function cannot start");
            ExitCode::FAILURE
        }
    }
}
