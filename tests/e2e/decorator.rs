//! The decorator in front of the widget API.

use serde_json::json;

use crate::api::{JSON, get, post, send};

#[test]
fn the_books_example_works() {
    let first = post("/decorated/widgets", "{}");
    assert_eq!(first.status, 201, "{}", first.text);
    let widget = first.json();
    assert_eq!(widget["color"], "blue");
    let name = widget["name"].as_str().unwrap();
    assert!(!name.is_empty());
    let second = post("/decorated/widgets", "{}");
    assert_ne!(second.json()["name"], name, "names are random");
}

#[test]
fn what_is_given_is_kept() {
    let named = post("/decorated/widgets", r#"{"name":"foo"}"#).json();
    assert_eq!((&named["name"], &named["color"]), (&json!("foo"), &json!("blue")));
    let both = post("/decorated/widgets", r#"{"name":"foo","color":"red"}"#).json();
    assert_eq!((&both["name"], &both["color"]), (&json!("foo"), &json!("red")));
}

#[test]
fn null_counts_as_missing_and_empty_does_not() {
    let filled = post("/decorated/widgets", r#"{"name":"foo","color":null}"#).json();
    assert_eq!(filled["color"], "blue");
    let refused = post("/decorated/widgets", r#"{"name":"foo","color":""}"#);
    assert_eq!(refused.status, 422);
    assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    assert_eq!(refused.json()["errors"][0]["pointer"], "/color");
    assert!(refused.json()["requestId"].is_string());
}

#[test]
fn what_is_made_can_be_read_through_and_around_the_decorator() {
    let made = post("/decorated/widgets", "{}");
    let id = made.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), Some(format!("/widgets/{id}").as_str()));
    assert_eq!(get(&format!("/decorated/widgets/{id}")).json(), made.json());
    assert_eq!(get(&format!("/widgets/{id}")).json(), made.json());
    let deleted = send("DELETE", &format!("/decorated/widgets/{id}"), &[], "");
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    let gone = get(&format!("/decorated/widgets/{id}"));
    assert_eq!((gone.status, &gone.json()["type"]), (404, &json!("urn:problem-type:no-widget")));
}

#[test]
fn explain_names_what_was_filled() {
    let answer = send("POST", "/decorated/widgets", &[JSON, ("prefer", "explain")], "{}");
    assert_eq!(answer.header("preference-applied"), Some("explain"));
    let filled = answer.header("decorator-filled").unwrap();
    assert_eq!(filled, r#""/name";by="x-generate name", "/color";by="default""#);
}

#[test]
fn a_key_holds_through_the_decorator() {
    let key = crate::api::unique("e2e");
    let headers = [JSON, ("idempotency-key", key.as_str())];
    // Part of the request is made up by the decorator.
    let body = "{}";
    let first = send("POST", "/decorated/widgets", &headers, body);
    let second = send("POST", "/decorated/widgets", &headers, body);
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.json(), second.json());
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
}

#[test]
fn other_paths_and_methods_are_problems() {
    let unknown = get("/decorated/gadgets");
    assert_eq!(
        (unknown.status, &unknown.json()["type"]),
        (404, &json!("urn:problem-type:no-route"))
    );
    let wrong = send("PUT", "/decorated/widgets", &[JSON], "{}");
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("POST, GET, HEAD")));
}

#[test]
fn hostile_paths_reach_nothing() {
    for path in
        ["/decorated/..%2f..%2fwidgets", "/decorated/%2e%2e/widgets", "/decorated/%252e%252e/x"]
    {
        let answer = get(path);
        assert!((400..500).contains(&answer.status), "{path}: {} {}", answer.status, answer.text);
    }
}
