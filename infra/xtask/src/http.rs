//! Plain HTTP: to programs on this machine, and to the API of a stack.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

/// Status and body of an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// The body, as text.
    pub(crate) body: String,
}

fn agent(timeout: Duration) -> ureq::Agent {
    ureq::Agent::config_builder()
        // A company's proxy cannot reach the loopback interface.
        .proxy(None)
        .http_status_as_error(false)
        .timeout_global(Some(timeout))
        .build()
        .into()
}

/// A GET request.
///
/// # Errors
///
/// If no answer came in time.
pub(crate) fn get(url: &str, timeout: Duration) -> Result<Answer> {
    let mut response = agent(timeout).get(url).call().with_context(|| format!("GET {url}"))?;
    Ok(Answer { status: response.status().as_u16(), body: response.body_mut().read_to_string()? })
}

/// A POST request without a body.
///
/// # Errors
///
/// If no answer came in time.
pub(crate) fn post(url: &str) -> Result<Answer> {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    // Only what is not on this machine may have to be asked for by way of a proxy.
    let config = if url.starts_with("http://") { config.proxy(None) } else { config };
    let agent: ureq::Agent = config.timeout_global(Some(Duration::from_secs(30))).build().into();
    let sent = agent.post(url).header("accept", "application/json").send_empty();
    let mut response = sent.with_context(|| format!("POST {url}"))?;
    Ok(Answer { status: response.status().as_u16(), body: response.body_mut().read_to_string()? })
}

/// The local AWS takes any signature, but wants to see one to know the service and the caller.
fn signed(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    )
}

/// A call of an AWS operation that speaks JSON 1.1, such as `Logs_20140328.FilterLogEvents` of the
/// service `logs`.
///
/// # Errors
///
/// If no answer came in time, or one that is not a success or not JSON.
pub(crate) fn aws_json(
    endpoint: &str,
    service: &str,
    operation: &str,
    input: &Value,
) -> Result<Value> {
    let mut response = agent(Duration::from_secs(10))
        .post(endpoint)
        .header("authorization", signed(service))
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", operation)
        .send(input.to_string())
        .with_context(|| operation.to_owned())?;
    let status = response.status();
    let body = response.body_mut().with_config().limit(64 * 1024 * 1024).read_to_string()?;
    anyhow::ensure!(status.is_success(), "{operation} answered {status}: {body}");
    serde_json::from_str(&body).with_context(|| format!("{operation} answered no JSON"))
}

/// A call of an AWS operation that takes form fields and answers XML, such as `DescribeStacks` of
/// the service `cloudformation`.
///
/// # Errors
///
/// If no answer came in time, or one that is not a success.
pub(crate) fn aws_query(endpoint: &str, service: &str, fields: &str) -> Result<String> {
    let mut response = agent(Duration::from_secs(10))
        .post(endpoint)
        .header("authorization", signed(service))
        .header("content-type", "application/x-www-form-urlencoded")
        .send(fields)
        .with_context(|| fields.to_owned())?;
    let status = response.status();
    let body = response.body_mut().read_to_string()?;
    anyhow::ensure!(status.is_success(), "{fields} answered {status}: {body}");
    Ok(body)
}
