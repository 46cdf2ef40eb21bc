//! Functions that take events of any kind, such as those of streams and schedules.
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::SystemTime;
//!
//! use common::bootstrap::Error;
//! use common::invocation::{self, Invoked};
//!
//! struct Length;
//!
//! impl Invoked for Length {
//!     type Answer = usize;
//!     type Error = Infallible;
//!
//!     async fn answer(
//!         &self,
//!         event: &str,
//!         _: Option<SystemTime>,
//!         _: SystemTime,
//!     ) -> Result<usize, Infallible> {
//!         Ok(event.len())
//!     }
//! }
//!
//! async fn start() -> Result<(), Error> {
//!     invocation::serve(Length).await
//! }
//! ```

use std::sync::Arc;
use std::time::SystemTime;

use futures_util::FutureExt as _;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::Serialize;
use serde_json::value::RawValue;
use tracing::Instrument as _;

use crate::bootstrap::Error;
use crate::problem::causes;
use crate::telemetry::is_cold_start;
use crate::{clock, deadline};

/// Answers events.
pub trait Invoked: Send + Sync + 'static {
    /// What it answers, as JSON.
    type Answer: Serialize + Send;
    /// What it fails with: the invocation fails, and whoever sent the event sends it again.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Answers an event, received at `now`, before Lambda ends the invocation at `deadline`.
    ///
    /// # Errors
    /// When the event must be sent again.
    fn answer(
        &self,
        event: &str,
        deadline: Option<SystemTime>,
        now: SystemTime,
    ) -> impl Future<Output = Result<Self::Answer, Self::Error>> + Send;
}

/// Answers events until Lambda stops the process.
///
/// The event is taken as text: the runtime would log what its parser says of one it cannot read.
///
/// # Errors
/// When the Runtime API cannot be reached.
pub async fn serve(handler: impl Invoked) -> Result<(), Error> {
    let handler = Arc::new(handler);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let handler = Arc::clone(&handler);
        let span = tracing::info_span!(
            "invocation",
            invocation_id = event.context.request_id,
            trace_id = event.context.xray_trace_id,
            cold_start = is_cold_start(),
        );
        async move {
            let deadline = deadline::of(&event.context);
            let answered = handler.answer(event.payload.get(), deadline, clock::now()).await;
            answered.map_err(|error| {
                let cause = causes(&error);
                tracing::error!(cause, "invocation failed");
                // Lambda logs it again, so it says no more than the line above.
                Diagnostic {
                    error_type: "InvocationError".to_owned(),
                    error_message: error.to_string(),
                }
            })
        }
        .instrument(span)
        // Boxed, or the types of what runs inside would be too much for the compiler.
        .boxed()
    }))
    .await
}
