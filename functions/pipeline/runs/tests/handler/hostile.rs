//! Whatever a run contains is shown as text.

use common::journal::StepState;
use common::testing::json;
use serde_json::json;

use crate::support::{done, event, set, stage_with, started, text};

const MARKUP: &str = "\"><script>alert(1)</script><img src=x onerror=alert(1)>'&amp;";

#[tokio::test]
async fn no_value_no_name_and_no_reason_is_taken_for_markup() {
    let mut run = started("sign-up", &json!({ MARKUP: MARKUP, "deep": [{ "a": MARKUP }] }));
    set(&mut run, "email-user", done(&json!({ "locale": MARKUP })), 1, Some(900));
    set(&mut run, "subscribe-user", StepState::Failed { reason: MARKUP.into() }, 5, Some(900));
    for pipeline in ["sign-up", MARKUP] {
        run.pipeline = pipeline.to_owned();
        let page = text(&stage_with(run.clone()).send(event!("http-run-page")).await);
        assert!(!page.contains("<script>") && !page.contains("<img"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "it is shown");
        assert!(page.contains("&amp;amp;"), "what is escaped already is escaped again");
    }
}

#[tokio::test]
async fn no_name_of_a_pipeline_ends_the_label_of_a_flowchart() {
    let mut run = started("sign-up", &json!({}));
    run.pipeline = "a\"]\n  click s0 \"https://evil.example\"\n%%{init: {}}%%".to_owned();
    let chart = text(&stage_with(run).send(event!("http-run-mermaid")).await);
    assert!(!chart.contains("click s0 \"") && !chart.contains("%%"), "{chart}");
    assert_eq!(chart.lines().nth(1).unwrap().matches('"').count(), 2, "{chart}");
}

#[tokio::test]
async fn long_and_strange_values_come_back_as_they_are() {
    let value = format!("{}\u{202e}\u{0}é", "x".repeat(20_000));
    let run = started("sign-up", &json!({ "note": value, "big": 12_345_678_901_234_567_u64 }));
    let document = json(&stage_with(run).send(event!("http-run")).await);
    assert_eq!(document["context"]["note"], value);
    assert_eq!(document["context"]["big"], 12_345_678_901_234_567_u64);
}
