//! What crosses the decorator, and in which shape.

use common::testing::json;
use serde_json::{Value, json};

use crate::server::{Server, answer, answer_json};
use crate::support::{decorator, decorator_with, event, event_with, kind, send};

#[tokio::test]
async fn who_called_comes_from_api_gateway() {
    let server = Server::start(vec![answer_json("201 Created", "{}")]).await;
    send(&decorator(&server.url), event!("http-hostile-headers")).await;
    let received = &server.received()[0];
    assert_eq!(received.header("x-forwarded-for"), Some("203.0.113.7"));
    let host = "abcde12345.execute-api.eu-central-1.amazonaws.com";
    assert_eq!(received.header("x-forwarded-host"), Some(host));
    assert_eq!(received.header("via"), Some("1.1 add-defaults"));
    assert_eq!(received.header("host"), server.url.strip_prefix("http://"));
    assert!(received.header("forwarded").unwrap().starts_with("for=203.0.113.7;"));
    for gone in ["x-internal", "te", "connection"] {
        assert_eq!(received.header(gone), None, "{gone}");
    }
    assert_eq!(
        received.header("x-amzn-trace-id"),
        Some("Root=1-67891233-abcdef012345678912345678")
    );
}

#[tokio::test]
async fn query_and_cookies_reach_the_upstream() {
    let server = Server::start(vec![answer_json("200 OK", "{}")]).await;
    let decorator = decorator(&server.url);
    send(&decorator, event!("http-list")).await;
    let without =
        event_with(event!("http-list"), |event| event["rawQueryString"] = json!("a=b%20c"));
    send(&decorator, &without).await;
    let received = server.received();
    assert_eq!(received[0].line(), "GET /widgets?limit=2 HTTP/1.1");
    assert_eq!(received[0].header("cookie"), Some("theme=dark; lang=de"));
    assert_eq!(received[1].line(), "GET /widgets?a=b+c&limit=20 HTTP/1.1");
}

#[tokio::test]
async fn no_path_leads_out_of_the_upstream() {
    let server = Server::start(vec![answer_json("200 OK", "{}")]).await;
    let decorator = decorator_with(&server.url, json!({}));
    let response = send(&decorator, event!("http-climbing-path")).await;
    assert_eq!(kind(&response), "unsafe-path");
    for path in ["/decorated/../x", "/decorated/a/%2e%2e/b", "/decorated/a%2fb", "/decorated/\\x"] {
        let event = event_with(event!("http-get"), |event| event["rawPath"] = json!(path));
        let response = send(&decorator, &event).await;
        assert_eq!(
            (response.status().as_u16(), kind(&response)),
            (400, "unsafe-path".into()),
            "{path}"
        );
    }
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_request_cannot_choose_another_host() {
    let server = Server::start(vec![answer_json("200 OK", "{}")]).await;
    let other = Server::start(vec![answer_json("200 OK", "{}")]).await;
    let host = other.url.strip_prefix("http://").unwrap();
    let decorator = decorator_with(&server.url, json!({}));
    for path in [
        format!("/decorated//{host}/x"),
        format!("/decorated/@{host}/x"),
        format!("/decorated/{}", other.url),
        format!("/decorated/x?@{host}"),
        format!("/decorated/x#@{host}"),
    ] {
        let event = event_with(event!("http-get"), |event| {
            event["rawPath"] = json!(path);
            event["headers"]["host"] = json!(host);
            event["headers"]["x-forwarded-host"] = json!(host);
        });
        send(&decorator, &event).await;
    }
    assert!(other.received().is_empty());
    for received in server.received() {
        assert_eq!(received.header("host"), server.url.strip_prefix("http://"));
    }
}

#[tokio::test]
async fn encoded_paths_stay_encoded() {
    let server = Server::start(vec![answer_json("200 OK", "{}")]).await;
    let decorator = decorator_with(&server.url, json!({}));
    let event =
        event_with(event!("http-get"), |event| event["rawPath"] = json!("/decorated/a b/ü?"));
    send(&decorator, &event).await;
    assert_eq!(server.received()[0].line(), "GET /a%20b/%C3%BC%3F HTTP/1.1");
}

#[tokio::test]
async fn unknown_paths_and_methods_have_their_problems() {
    let decorator = decorator("http://127.0.0.1:1");
    let response = send(&decorator, event!("http-unknown-path")).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (404, "no-route".into()));
    let response = send(&decorator, event!("http-wrong-method")).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (405, "method-not-allowed".into()));
    assert_eq!(response.headers()["allow"], "POST, GET, HEAD");
}

#[tokio::test]
async fn bodies_that_are_not_json_are_refused_or_passed_as_configured() {
    let server = Server::start(vec![answer_json("200 OK", "{}")]).await;
    let schema = json!({ "type": "object" });
    let refuse = decorator_with(&server.url, json!({ "request": { "schema": schema } }));
    let response = send(&refuse, event!("http-form-body")).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (415, "not-json-type".into()));
    let response = send(&refuse, event!("http-not-json")).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (400, "not-json".into()));
    assert!(server.received().is_empty());

    let route = json!({ "request": { "schema": schema, "nonJson": "pass" } });
    send(&decorator_with(&server.url, route), event!("http-form-body")).await;
    let received = &server.received()[0];
    assert_eq!(received.body, b"name=foo");
    assert_eq!(received.header("content-type"), Some("application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn a_compressed_body_is_refused_where_it_must_be_read() {
    let server = Server::start(vec![answer_json("200 OK", "{}")]).await;
    let gzipped = event_with(event!("http-name-given"), |event| {
        event["headers"]["content-encoding"] = json!("gzip");
    });
    let response = send(&decorator(&server.url), &gzipped).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (415, "encoded-body".into()));
    assert_eq!(response.headers()["accept-encoding"], "identity");
    send(&decorator_with(&server.url, json!({})), &gzipped).await;
    assert_eq!(server.received()[0].header("content-encoding"), Some("gzip"));
}

#[tokio::test]
async fn a_body_over_the_limit_of_its_route_is_refused() {
    let server = Server::start(vec![answer_json("200 OK", "{}")]).await;
    let route = json!({ "request": { "maxBodyBytes": 10 } });
    let response = send(&decorator_with(&server.url, route), event!("http-name-given")).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (413, "body-too-large".into()));
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn request_rules_reshape_body_query_and_headers() {
    let server = Server::start(vec![answer_json("200 OK", "{}")]).await;
    let route = json!({ "request": {
        "body": { "rename": { "/name": "/widget/name" }, "add": { "/widget/size": 3 } },
        "query": { "add": { "source": "decorator" } },
        "headers": {
            "remove": ["User-Agent"],
            "replace": { "Accept": "application/json" },
            "add": { "X-Api-Key": { "env": "WIDGETS_URL" } }
        }
    } });
    let decorator = decorator_with(&server.url, route);
    send(&decorator, event!("http-name-given")).await;
    let received = &server.received()[0];
    assert_eq!(received.line(), "POST /widgets?source=decorator HTTP/1.1");
    let body: Value = serde_json::from_slice(&received.body).unwrap();
    assert_eq!(body, json!({ "widget": { "name": "foo", "size": 3 } }));
    assert_eq!(received.header("user-agent"), None);
    assert_eq!(received.header("accept"), Some("application/json"));
    assert_eq!(received.header("x-api-key"), Some(server.url.as_str()));

    // A dry run shows everything but what came from the environment.
    let dry = event_with(event!("http-name-given"), |event| {
        event["requestContext"]["stage"] = json!("dry-run");
    });
    let shown = json(&send(&decorator, &dry).await);
    assert_eq!(shown["request"]["headers"]["x-api-key"], "***");
}

#[tokio::test]
async fn response_rules_are_chosen_by_status() {
    let gone = answer_json("410 Gone", "{\"internal\":1,\"reason\":\"old\"}");
    let found = answer_json("200 OK", "{\"internal\":1,\"name\":\"foo\"}");
    let server = Server::start(vec![gone, found]).await;
    let route = json!({ "response": [
        { "status": "410", "body": { "add": { "/hint": "look elsewhere" } } },
        { "status": "2xx", "body": { "remove": ["/internal"] }, "headers": { "add": { "x-new": "1" } } },
        { "status": "any", "headers": { "add": { "x-new": "2" } } }
    ] });
    let decorator = decorator_with(&server.url, route);
    let gone = send(&decorator, event!("http-get")).await;
    assert_eq!(json(&gone), json!({ "internal": 1, "reason": "old", "hint": "look elsewhere" }));
    assert!(!gone.headers().contains_key("x-new"));
    let found = send(&decorator, event!("http-get")).await;
    assert_eq!(json(&found), json!({ "name": "foo" }));
    assert_eq!(found.headers()["x-new"], "1");
    assert_eq!(server.received()[0].header("accept-encoding"), Some("identity"));
}

#[tokio::test]
async fn an_answer_that_breaks_its_schema_is_a_bad_gateway() {
    let server = Server::start(vec![answer_json("200 OK", "{\"name\":7}")]).await;
    let schema =
        json!({ "properties": { "name": { "type": "string" }, "color": { "default": "blue" } } });
    let route = json!({ "response": [{ "status": "2xx", "schema": schema }] });
    let response = send(&decorator_with(&server.url, route.clone()), event!("http-get")).await;
    assert_eq!((response.status().as_u16(), kind(&response)), (502, "upstream-bad-answer".into()));

    let server = Server::start(vec![answer_json("200 OK", "{\"name\":\"foo\"}")]).await;
    let response = send(&decorator_with(&server.url, route), event!("http-get")).await;
    assert_eq!(json(&response), json!({ "name": "foo", "color": "blue" }));
}

#[tokio::test]
async fn numbers_and_order_survive() {
    let text = "{\"z\":12345678901234567890123,\"a\":1.10,\"m\":-0.0,\"e\":1E400}";
    let server = Server::start(vec![answer_json("200 OK", text)]).await;
    let route = json!({
        "request": { "schema": { "type": "object" } },
        "response": [{ "status": "2xx", "schema": { "type": "object" } }]
    });
    let decorator = decorator_with(&server.url, route);
    let event = event_with(event!("http-name-given"), |event| event["body"] = json!(text));
    let response = send(&decorator, &event).await;
    let sent = String::from_utf8(server.received()[0].body.clone()).unwrap();
    assert_eq!(sent.to_lowercase().replace("e+", "e"), text.to_lowercase());
    let returned = String::from_utf8_lossy(response.body().as_ref()).to_lowercase();
    assert_eq!(returned.replace("e+", "e"), text.to_lowercase());
}

#[tokio::test]
async fn cookies_and_repeated_headers_of_an_answer_are_kept() {
    let headers = "set-cookie: a=1\r\nset-cookie: b=2\r\nvary: origin\r\nvary: accept\r\nkeep-alive: timeout=5\r\n";
    let server = Server::start(vec![answer("200 OK", headers, b"hello")]).await;
    let response = send(&decorator_with(&server.url, json!({})), event!("http-get")).await;
    let all = |name: &str| response.headers().get_all(name).iter().count();
    assert_eq!((all("set-cookie"), all("vary"), all("keep-alive")), (2, 2, 0));
}

#[tokio::test]
async fn a_request_that_comes_back_is_stopped() {
    let server = Server::start(vec![answer_json("200 OK", "{}")]).await;
    let looping = event_with(event!("http-get"), |event| {
        event["headers"]["via"] = json!("1.1 add-defaults");
    });
    let response = send(&decorator(&server.url), &looping).await;
    assert_eq!(response.status(), 508);
    assert!(server.received().is_empty());
}

#[tokio::test]
async fn a_secret_in_the_query_is_not_shown() {
    let route = json!({ "request": { "query": { "add": { "key": { "env": "WIDGETS_URL" } } } } });
    let dry = event_with(event!("http-name-given"), |event| {
        event["requestContext"]["stage"] = json!("dry-run");
    });
    let shown = json(&send(&decorator_with("http://secret.example", route), &dry).await);
    assert_eq!(shown["request"]["url"], "http://secret.example/widgets?***");
}

#[tokio::test]
async fn no_client_can_make_a_hiding_rule_be_skipped() {
    let route = json!({ "response": [{ "status": "any", "body": { "remove": ["/secret"] } }] });
    let text = answer("200 OK", "content-type: text/plain\r\n", b"{\"secret\":1}");
    let part = answer("206 Partial Content", "content-type: application/json\r\n", b"\"secret\"");
    let named = "connection: content-type\r\ncontent-type: application/json\r\n";
    let hidden = answer("200 OK", named, b"{\"secret\":1}");
    let server = Server::start(vec![text, part, hidden]).await;
    let decorator = decorator_with(&server.url, route);
    let ranged = event_with(event!("http-get"), |event| {
        event["headers"]["range"] = json!("bytes=1-5");
        event["headers"]["accept"] = json!("text/csv");
    });
    for status in [502, 502, 200] {
        let response = send(&decorator, &ranged).await;
        assert_eq!(response.status(), status);
        assert!(!String::from_utf8_lossy(response.body().as_ref()).contains("secret\""));
    }
    for received in server.received() {
        assert_eq!(received.header("range"), None);
        assert_eq!(received.header("accept"), Some("application/json"));
    }
}
