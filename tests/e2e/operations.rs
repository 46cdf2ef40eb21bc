//! What operators lean on: direct invocation, logs.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::{post, send_to, unique, variable};
use crate::aws::{function, log_group, log_lines, signed};

#[test]
fn a_dry_run_shows_the_request_that_would_be_sent() {
    let event = include_str!("../../events/add-defaults/dry-run-empty-object.json");
    let name = function("add-defaults")["FunctionName"].as_str().unwrap().to_owned();
    let url = format!("{}/2015-03-31/functions/{name}/invocations", variable("AWS_ENDPOINT_URL"));
    let answer = send_to("POST", &url, &[("authorization", &signed("lambda"))], event).json();
    assert_eq!(answer["statusCode"], 200);
    let shown: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(shown["request"]["body"]["color"], "blue");
    assert_eq!(shown["filled"][0]["by"], "x-generate name");
}

#[test]
fn logs_name_requests_and_nothing_that_was_in_them() {
    let name = unique("secret-name");
    let refused = post("/decorated/widgets", &format!(r#"{{"name":"{name}","color":7}}"#)).json();
    let id = refused["requestId"].as_str().unwrap().to_owned();
    assert_eq!(post("/decorated/widgets", &format!(r#"{{"name":"{name}"}}"#)).status, 201);

    let groups = [log_group("add-defaults"), log_group("widget-api")];
    let started = Instant::now();
    let lines = loop {
        let lines: Vec<String> = groups.iter().flat_map(|group| log_lines(group)).collect();
        if lines.iter().any(|line| line.contains(&id)) {
            break lines;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "the request is not in the logs");
        sleep(Duration::from_millis(200));
    };
    for line in &lines {
        assert!(!line.contains(&name), "a log line holds what was sent: {line}");
    }
    let logged = lines.iter().find(|line| line.contains(&id) && line.contains("answered")).unwrap();
    let logged: Value = serde_json::from_str(logged).unwrap();
    assert_eq!((&logged["status"], &logged["level"]), (&json!(422), &json!("INFO")));
}
