//! What Lambda functions in Rust share, because Rust has no Powertools.
//!
//! Each module stands alone and can be lifted into another service:
//!
//! | module | gives |
//! | --- | --- |
//! | [`bootstrap`] | start-up: logs first, one clear error when the start fails |
//! | [`config`] | one struct a function, all missing variables named at once |
//! | [`telemetry`] | JSON logs and CloudWatch metrics with nothing personal in them |
//! | [`problem`] | RFC 9457 problem details |
//! | [`http`] | tower layers for HTTP functions, and the loop that serves them |
//! | [`invocation`] | functions that take events of any kind |
//! | [`batch`] | SQS functions: partial failures, FIFO order, deadlines, back-off |
//! | [`event`] | CloudEvents envelope and W3C trace context |
//! | [`journal`] | runs of pipelines that lose no step and do none twice |
//! | [`idempotency`] | the same request twice has one effect and one answer |
//! | [`redact`] | values that cannot be logged by accident |
//! | [`clock`] | the one place that reads the time |
//! | `client` (feature) | HTTP(S) client whose connection opens during INIT |
//! | `aws` (feature of each service) | AWS SDK clients that start quickly, and secrets |
//! | `password` (feature) | Argon2id, for PHC strings |
//! | `signed` (feature) | links that prove what they are for, and expire |
//! | `testing` (feature) | API Gateway events for tests |

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

#[cfg(any(
    feature = "dynamodb",
    feature = "secrets",
    feature = "ses",
    feature = "sns",
    feature = "sqs"
))]
pub mod aws;
pub mod batch;
pub mod bootstrap;
#[cfg(feature = "client")]
pub mod client;
pub mod clock;
pub mod config;
mod deadline;
pub mod event;
pub mod http;
pub mod idempotency;
pub mod invocation;
pub mod journal;
#[cfg(feature = "password")]
pub mod password;
pub mod problem;
pub mod redact;
#[cfg(feature = "signed")]
pub mod signed;
pub mod telemetry;
#[cfg(feature = "testing")]
pub mod testing;
