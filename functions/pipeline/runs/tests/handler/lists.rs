//! Lists of runs, for operators and for nobody else.

use common::journal::{RunId, RunState};
use common::testing::{MemoryJournal, json};
use runs::list::Entry;
use runs::testing::{MemoryRuns, check_runs};
use serde_json::{Value, json};

use crate::support::{
    Stage, TOKEN_OF_ADA, TOKEN_OF_BOB, at, event, event_with, failing, header, stage,
    status_and_kind, text,
};

/// Five failed runs, a second apart, the newest with the highest number; and one that is done.
fn stage_with_runs() -> Stage {
    let stage = stage();
    for number in 1..=5 {
        let mut run = failing();
        run.id = RunId::from_bits(number);
        run.created = at(u64::try_from(number).unwrap() * 1_000);
        stage.journal.insert(run);
    }
    let mut run = failing();
    (run.id, run.state) = (RunId::from_bits(9), RunState::Done);
    stage.journal.insert(run);
    stage
}

fn query(event: &str, query: &Value) -> String {
    event_with(event, |event| {
        let pairs = query.as_object().unwrap().iter();
        let pairs = pairs.map(|(name, value)| format!("{name}={}", value.as_str().unwrap()));
        event["rawQueryString"] = json!(pairs.collect::<Vec<_>>().join("&"));
        event["queryStringParameters"] = query.clone();
    })
}

fn numbers(list: &Value) -> Vec<u128> {
    let items = list["items"].as_array().unwrap().iter();
    items.map(|item| u128::from_str_radix(item["run"].as_str().unwrap(), 16).unwrap()).collect()
}

#[tokio::test]
async fn the_list_in_memory_keeps_the_contract() {
    let (journal, mut entries) = (MemoryJournal::default(), Vec::new());
    for number in 1..=3 {
        let mut run = failing();
        run.id = RunId::from_bits(number);
        run.created = at(u64::try_from(number).unwrap());
        let (id, pipeline, created) = (run.id, run.pipeline.clone(), run.created);
        entries.push(Entry { id, pipeline, created });
        journal.insert(run);
    }
    check_runs(&MemoryRuns(journal), entries.try_into().unwrap()).await;
}

#[tokio::test]
async fn an_operator_sees_what_failed_page_by_page_the_newest_first() {
    let stage = stage_with_runs();
    let first = stage.send(event!("http-list")).await;
    let document = json(&first);
    assert_eq!(
        document["items"][0],
        json!({
            "run": "00000000000000000000000000000005", "pipeline": "sign-up", "state": "failed",
            "created": "2026-03-01T12:00:05.000Z"
        })
    );
    let mut seen = numbers(&document);
    let mut next = document["next"].clone();
    let link =
        format!("</runs?state=failed&limit=2&cursor={}>; rel=\"next\"", next.as_str().unwrap());
    assert_eq!(header(&first, "link"), link);
    while let Some(cursor) = next.as_str() {
        let asked = json!({ "state": "failed", "limit": "2", "cursor": cursor });
        let page = json(&stage.send(&query(event!("http-list"), &asked)).await);
        seen.extend(numbers(&page));
        next = page["next"].clone();
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn a_list_has_one_state_and_failed_unless_asked_otherwise() {
    let stage = stage_with_runs();
    let done = stage.send(&query(event!("http-list"), &json!({ "state": "done" }))).await;
    assert_eq!(numbers(&json(&done)), [9]);
    let all = json(&stage.send(&query(event!("http-list"), &json!({}))).await);
    assert_eq!((numbers(&all).len(), &all["next"]), (5, &Value::Null));
}

#[tokio::test]
async fn people_get_a_page_with_links() {
    let stage = stage_with_runs();
    let page = text(&stage.send(event!("http-list-page")).await);
    for part in [
        "<h1>Runs that have failed</h1>",
        "href=\"/runs/00000000000000000000000000000005\"",
        "href=\"/runs?state=failed\" aria-current=\"page\"",
        "href=\"/runs?state=running\"",
        "rel=\"next\" href=\"/runs?state=failed&amp;limit=2&amp;cursor=",
        "<time datetime=\"2026-03-01T12:00:05.000Z\">2026-03-01 12:00:05 UTC</time>",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let none = stage.send(&query(event!("http-list-page"), &json!({ "state": "running" }))).await;
    assert!(text(&none).contains("There are none."));
}

#[tokio::test]
async fn a_query_that_cannot_be_used_is_told() {
    let stage = stage_with_runs();
    for (name, value) in [("state", "lost"), ("limit", "0"), ("cursor", "7")] {
        let refused = stage.send(&query(event!("http-list"), &json!({ name: value }))).await;
        assert_eq!(status_and_kind(&refused), (400, "invalid-query".into()));
        assert_eq!(json(&refused)["parameter"], name);
    }
    let page = stage.send(&query(event!("http-list-page"), &json!({ "limit": "0" }))).await;
    assert!(text(&page).contains("limit must be a number from 1 to 100"));
}

#[tokio::test]
async fn nobody_sees_a_list_without_a_session() {
    let stage = stage_with_runs();
    let without = |event: &str| {
        event_with(event, |event| {
            event["headers"].as_object_mut().unwrap().remove("authorization");
        })
    };
    let refused = stage.send(&without(event!("http-list"))).await;
    assert_eq!(status_and_kind(&refused), (401, "not-signed-in".into()));
    assert_eq!(header(&refused, "www-authenticate"), "Bearer");
    let page = stage.send(&without(event!("http-list-page"))).await;
    assert_eq!(page.status(), 401);
    assert!(text(&page).contains("href=\"/login\""));
    let late = stage.send_at(event!("http-list"), at(3_600_000)).await;
    assert_eq!(late.status(), 401, "a session ends by its time");
}

#[tokio::test]
async fn whoever_is_no_operator_sees_no_list() {
    let stage = stage_with_runs();
    let bobs = |event: &str| event.replace(TOKEN_OF_ADA, TOKEN_OF_BOB);
    let refused = stage.send(&bobs(event!("http-list"))).await;
    assert_eq!(status_and_kind(&refused), (403, "not-an-operator".into()));
    let faulty = stage.send(&query(&bobs(event!("http-list")), &json!({ "limit": "0" }))).await;
    assert_eq!(faulty.status(), 403, "who may not ask is not told how to");
}

#[tokio::test]
async fn the_cookie_of_the_session_is_as_good_as_the_token() {
    let stage = stage_with_runs();
    let cookie = event_with(event!("http-list"), |event| {
        event["headers"].as_object_mut().unwrap().remove("authorization");
        event["cookies"] = json!([format!("__Host-session={TOKEN_OF_ADA}")]);
    });
    assert_eq!(stage.send(&cookie).await.status(), 200);
}
