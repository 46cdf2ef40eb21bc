//! A decorator before an upstream, and what is sent to it.

use std::time::{Duration, SystemTime};

use add_defaults::config::Routes;
use add_defaults::{Decorator, ROUTES};
use common::client::Client;
use common::clock::from_epoch_seconds;
pub(crate) use common::testing::event_with;
use common::testing::{answer, request};
use lambda_http::{Body, Request, RequestExt as _, Response};
use serde_json::{Value, json};

macro_rules! event {
    ($name:literal) => {
        include_str!(concat!("../../../../../events/add-defaults/", $name, ".json"))
    };
}
pub(crate) use event;

/// A decorator with the routes that are built in.
pub(crate) fn decorator(url: &str) -> Decorator {
    decorator_of(ROUTES, url)
}

/// A decorator with one route, to an upstream that may take its time.
pub(crate) fn decorator_with(url: &str, route: Value) -> Decorator {
    decorator_waiting(url, route, 30_000)
}

/// A decorator with one route, to an upstream that may take so many milliseconds.
pub(crate) fn decorator_waiting(url: &str, route: Value, timeout: u64) -> Decorator {
    let mut whole = json!({ "match": "ANY /decorated/{proxy+}", "to": "api", "path": "/{proxy+}" });
    if let (Some(whole), Value::Object(route)) = (whole.as_object_mut(), route) {
        whole.extend(route);
    }
    let upstream = json!({ "url": { "env": "WIDGETS_URL" }, "timeoutMs": timeout, "attempts": 3 });
    let routes = json!({ "upstreams": { "api": upstream }, "routes": [whole], "seed": 1 });
    decorator_of(&routes.to_string(), url)
}

fn decorator_of(routes: &str, url: &str) -> Decorator {
    let lookup = |name: &str| (name == "WIDGETS_URL").then(|| url.to_owned());
    let routes = Routes::load(routes, &lookup).unwrap();
    Decorator::new(routes, Client::new().unwrap(), "add-defaults")
}

pub(crate) fn now() -> SystemTime {
    from_epoch_seconds(1_772_357_400)
}

/// Sends an event and returns the answer, problems included.
pub(crate) async fn send(decorator: &Decorator, event: &str) -> Response<Body> {
    send_request(decorator, request(event)).await
}

/// Sends an event to an invocation that has so much time left.
pub(crate) async fn send_with(
    decorator: &Decorator,
    event: &str,
    left: Duration,
) -> Response<Body> {
    let mut context = lambda_http::Context::default();
    let deadline = (now() + left).duration_since(SystemTime::UNIX_EPOCH).unwrap();
    context.deadline = u64::try_from(deadline.as_millis()).unwrap();
    send_request(decorator, request(event).with_lambda_context(context)).await
}

async fn send_request(decorator: &Decorator, request: Request) -> Response<Body> {
    answer(decorator, &request, now()).await
}

/// The kind of a problem.
pub(crate) fn kind(response: &Response<Body>) -> String {
    let kind = common::testing::json(response)["type"].as_str().unwrap_or_default().to_owned();
    kind.trim_start_matches("urn:problem-type:").to_owned()
}
