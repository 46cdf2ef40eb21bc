//! Calls to the stack under test.

use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;

/// A variable of the stack under test.
#[expect(clippy::disallowed_methods, reason = "tests are told by their environment where to call")]
pub(crate) fn variable(name: &str) -> String {
    let hint = "run `cargo xtask test --only e2e`, or `eval \"$(cargo xtask env)\"` first";
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: {hint}"))
}

/// A number that may be chosen.
#[expect(clippy::disallowed_methods, reason = "tests are told by their environment what to do")]
pub(crate) fn number(name: &str, usual: usize) -> usize {
    std::env::var(name)
        .map_or(usual, |text| text.parse().unwrap_or_else(|_| panic!("{name}: {text}")))
}

fn agent() -> &'static Agent {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .max_redirects(0);
        config.build().into()
    })
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: Response<()>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers().get(name).map(|value| value.to_str().unwrap())
    }
}

/// Sends a request to any address.
pub(crate) fn send_to(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = agent().run(request.body(body.to_owned()).unwrap());
    let mut response = response.unwrap_or_else(|error| panic!("{method} {url}: {error}"));
    let text = response.body_mut().read_to_string().unwrap();
    let (parts, _) = response.into_parts();
    Answer { status: parts.status.as_u16(), head: Response::from_parts(parts, ()), text }
}

/// Sends a request to the public API.
pub(crate) fn send(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    send_to(method, &format!("{}{path}", variable("API_URL")), headers, body)
}

pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");

pub(crate) fn get(path: &str) -> Answer {
    send("GET", path, &[], "")
}

pub(crate) fn post(path: &str, body: &str) -> Answer {
    send("POST", path, &[JSON], body)
}

/// A text no other run uses.
pub(crate) fn unique(prefix: &str) -> String {
    format!("{prefix}-{}", common::idempotency::EffectId::random().unwrap())
}
