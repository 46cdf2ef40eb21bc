//! What is accepted as a routes file, and how faults are told.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use add_defaults::ROUTES;
use add_defaults::config::{NoRoute, Routes};
use lambda_http::http::Method;
use serde_json::{Value, json};

fn load(document: &Value) -> Result<Routes, Vec<String>> {
    let lookup = |name: &str| (name == "SET").then(|| "https://api.example/base/".to_owned());
    Routes::load(&document.to_string(), &lookup).map_err(|error| error.faults().to_vec())
}

fn with_route(route: Value) -> Value {
    let mut whole = json!({ "match": "POST /a", "to": "api", "path": "/b" });
    if let (Some(whole), Value::Object(route)) = (whole.as_object_mut(), route) {
        whole.extend(route);
    }
    json!({ "upstreams": { "api": { "url": "https://api.example" } }, "routes": [whole] })
}

fn faults(route: Value) -> Vec<String> {
    load(&with_route(route)).unwrap_err()
}

#[test]
fn the_built_in_routes_are_accepted() {
    let lookup = |_: &str| Some("https://api.example".to_owned());
    assert_eq!(Routes::load(ROUTES, &lookup).unwrap().routes().len(), 4);
}

#[test]
fn every_fault_is_told_with_its_place() {
    let found = faults(json!({
        "match": "post /a",
        "to": "elsewhere",
        "path": "/{id}",
        "request": {
            "schema": { "type": "strin", "minLenght": 1 },
            "body": { "remove": ["name"] },
            "headers": { "remove": ["connection", "a b"], "add": { "x-key": { "env": "UNSET" } } },
        },
        "response": [{ "status": "abc" }]
    }));
    let all = found.join("\n");
    for part in [
        "there is no upstream `elsewhere`",
        "the method must be",
        "`{id}` is not a parameter of the matched path",
        "schema /type",
        "schema /minLenght: unknown keyword",
        "remove `name`: not a JSON Pointer",
        "headers `connection`: is managed by the decorator",
        "headers `a b`: is not a header name",
        "the variable UNSET is not set",
        "status must be like 404, 4xx or any",
    ] {
        assert!(all.contains(part), "no fault says {part}:\n{all}");
    }
}

#[test]
fn a_default_that_contradicts_its_schema_is_refused() {
    let schema = json!({ "properties": { "n": { "type": "integer", "default": "seven" } } });
    let found = faults(json!({ "request": { "schema": schema } }));
    assert!(found[0].contains("/properties/n/default: the default contradicts"), "{found:?}");
}

#[test]
fn typing_errors_are_refused() {
    let found = faults(json!({ "requets": {} }));
    assert!(found[0].contains("unknown field `requets`"), "{found:?}");
}

#[test]
fn upstreams_are_web_addresses_without_query_or_credentials() {
    for url in ["ftp://x", "/relative", "https://x?y", "https://u:p@x", "https://", "nonsense"] {
        let document = json!({ "upstreams": { "api": { "url": url } }, "routes": [] });
        assert!(load(&document).is_err(), "{url}");
    }
    let document = json!({
        "upstreams": { "api": { "url": { "env": "SET" } } },
        "routes": [{ "match": "GET /a", "to": "api", "path": "/b" }]
    });
    let routes = load(&document).unwrap();
    let upstream = &routes.upstreams()[0];
    assert_eq!(
        (upstream.origin.to_string().as_str(), upstream.base.as_str()),
        ("https://api.example/", "/base")
    );
}

#[test]
fn a_route_cannot_be_configured_twice() {
    let route = json!({ "match": "GET /a", "to": "api", "path": "/b" });
    let upstreams = json!({ "api": { "url": "https://api.example" } });
    let found = load(&json!({ "upstreams": upstreams, "routes": [route, route] })).unwrap_err();
    assert_eq!(found, ["GET /a: is configured twice"]);
}

#[test]
fn the_most_precise_route_is_found_whatever_the_order() {
    let route = |matches: &str| json!({ "match": matches, "to": "api", "path": "/" });
    let document = json!({
        "upstreams": { "api": { "url": "https://api.example" } },
        "routes": [route("ANY /a/{rest+}"), route("ANY /a/{id}"), route("GET /a/{id}"), route("GET /a/b")]
    });
    let routes = load(&document).unwrap();
    let found = |method: Method, path: &str| routes.find(&method, path).unwrap().0.name.clone();
    assert_eq!(found(Method::GET, "/a/b"), "GET /a/b");
    assert_eq!(found(Method::HEAD, "/a/b"), "GET /a/b");
    assert_eq!(found(Method::GET, "/a/c"), "GET /a/{id}");
    assert_eq!(found(Method::PUT, "/a/c"), "ANY /a/{id}");
    assert_eq!(found(Method::GET, "/a/b/c"), "ANY /a/{rest+}");
    assert_eq!(routes.find(&Method::GET, "/b").unwrap_err(), NoRoute::Path);
}
