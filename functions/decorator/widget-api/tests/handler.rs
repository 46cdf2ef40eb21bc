//! The API as its clients see it, from events of API Gateway, on stores in memory.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use common::clock::from_epoch_seconds;
use common::idempotency::{EffectId, Record, RecordId, Store};
use common::testing::{MemoryStore, answer, event_with, json, request};
use lambda_http::{Body, Response};
use serde_json::{Value, json};
use widget_api::handler::Widgets;
use widget_api::page::{Listed, PageRequest};
use widget_api::widget::{Widget, WidgetId};
use widget_api::{Config, WidgetApi};

macro_rules! event {
    ($name:literal) => {
        include_str!(concat!("../../../../events/widget-api/", $name, ".json"))
    };
}

#[derive(Debug, Clone, Default)]
struct MemoryWidgets {
    widgets: Arc<Mutex<BTreeMap<String, Widget>>>,
    is_down: Arc<Mutex<bool>>,
    /// Stores a widget and fails all the same, as if its answer had been lost.
    loses_answers: Arc<Mutex<bool>>,
}

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("table faas-widgets is on fire")
    }
}

impl std::error::Error for Down {}

impl MemoryWidgets {
    fn stored(&self) -> Vec<Widget> {
        self.widgets.lock().unwrap().values().cloned().collect()
    }

    fn check(&self) -> Result<(), Down> {
        if *self.is_down.lock().unwrap() { Err(Down) } else { Ok(()) }
    }
}

impl Widgets for MemoryWidgets {
    type Error = Down;

    async fn insert(&self, widget: Widget) -> Result<Widget, Self::Error> {
        self.check()?;
        let mut widgets = self.widgets.lock().unwrap();
        let stored = widgets.entry(widget.id.to_string()).or_insert(widget).clone();
        if *self.loses_answers.lock().unwrap() { Err(Down) } else { Ok(stored) }
    }

    async fn get(&self, id: &WidgetId) -> Result<Option<Widget>, Self::Error> {
        self.check()?;
        Ok(self.widgets.lock().unwrap().get(&id.to_string()).cloned())
    }

    async fn list(&self, page: &PageRequest) -> Result<Listed, Self::Error> {
        self.check()?;
        let widgets = self.widgets.lock().unwrap();
        let after = page.after.as_ref().map(ToString::to_string).unwrap_or_default();
        let mut rest = widgets.values().filter(|widget| widget.id.to_string() > after);
        let items: Vec<_> = rest.by_ref().take(page.limit.into()).cloned().collect();
        let last = items.last().filter(|_| rest.next().is_some()).map(|widget| widget.id);
        Ok(Listed { items, last })
    }

    async fn delete(&self, id: &WidgetId) -> Result<bool, Self::Error> {
        self.check()?;
        Ok(self.widgets.lock().unwrap().remove(&id.to_string()).is_some())
    }
}

struct Api {
    api: WidgetApi<MemoryWidgets, MemoryStore>,
    widgets: MemoryWidgets,
    records: MemoryStore,
}

fn api() -> Api {
    let config = Config {
        widgets_table: "widgets".into(),
        idempotency_table: "idempotency".into(),
        idempotency_retention: Duration::from_secs(3600),
    };
    let (widgets, records) = (MemoryWidgets::default(), MemoryStore::default());
    Api { api: WidgetApi::new(&config, widgets.clone(), records.clone()), widgets, records }
}

const NOON: u64 = 1_772_366_400;

impl Api {
    async fn send(&self, event: &str) -> Response<Body> {
        self.send_at(event, from_epoch_seconds(NOON)).await
    }

    async fn send_at(&self, event: &str, now: SystemTime) -> Response<Body> {
        answer(&self.api, &request(event), now).await
    }
}

#[tokio::test]
async fn a_widget_is_created_read_and_deleted() {
    let api = api();
    let created = api.send(event!("http-create")).await;
    assert_eq!(created.status(), 201);
    let widget = json(&created);
    assert_eq!(widget["name"], "foo");
    assert_eq!(widget["color"], "blue");
    let location = created.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(location, format!("/widgets/{}", widget["id"].as_str().unwrap()));

    let at_location = |event| event_with(event, |event| event["rawPath"] = json!(location));
    let read = api.send(&at_location(event!("http-get"))).await;
    assert_eq!((read.status().as_u16(), json(&read)), (200, widget));

    let deleted = api.send(&at_location(event!("http-delete"))).await;
    assert_eq!((deleted.status().as_u16(), deleted.body().is_empty()), (204, true));
    assert_eq!(api.send(&at_location(event!("http-get"))).await.status(), 404);
    assert_eq!(api.send(&at_location(event!("http-delete"))).await.status(), 404);
}

#[tokio::test]
async fn ids_are_unguessable() {
    let api = api();
    for _ in 0..50 {
        api.send(event!("http-create")).await;
    }
    let widgets = api.widgets.stored();
    assert_eq!(widgets.len(), 50);
    // 128 random bits: no two share even their first half.
    let mut heads: Vec<_> =
        widgets.iter().map(|widget| widget.id.to_string()[..16].to_owned()).collect();
    heads.dedup();
    assert_eq!(heads.len(), 50);
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer() {
    let api = api();
    let first = api.send(event!("http-create-idempotent")).await;
    assert_eq!(first.status(), 201);
    assert!(!first.headers().contains_key("idempotency-replayed"));
    let second = api.send(event!("http-create-idempotent")).await;
    assert_eq!(second.status(), 201);
    assert_eq!(second.headers()["idempotency-replayed"], "true");
    assert_eq!(second.headers()["location"], first.headers()["location"]);
    assert_eq!(json(&second), json(&first));
    assert_eq!(api.widgets.stored().len(), 1);
}

#[tokio::test]
async fn spaces_and_order_make_no_other_request() {
    let api = api();
    let first = api.send(event!("http-create-idempotent")).await;
    let respelled = event_with(event!("http-create-idempotent"), |event| {
        event["body"] = json!("{ \"color\": \"\\u0062lue\", \"name\": \"foo\" }");
    });
    assert_eq!(json(&api.send(&respelled).await), json(&first));
}

#[tokio::test]
async fn a_key_is_for_one_request() {
    let api = api();
    api.send(event!("http-create-idempotent")).await;
    let other = api.send(event!("http-create-same-key-other-body")).await;
    assert_eq!(other.status(), 422);
    assert_eq!(json(&other)["type"], "urn:problem-type:idempotency-key-reused");
    assert_eq!(api.widgets.stored().len(), 1);
}

#[tokio::test]
async fn a_key_is_forgotten_after_its_retention() {
    let api = api();
    api.send(event!("http-create-idempotent")).await;
    let later = from_epoch_seconds(NOON + 3600);
    let second = api.send_at(event!("http-create-idempotent"), later).await;
    assert!(!second.headers().contains_key("idempotency-replayed"));
    assert_eq!(api.widgets.stored().len(), 2);
}

#[tokio::test]
async fn an_invalid_request_does_not_use_up_its_key() {
    let api = api();
    let invalid = event_with(event!("http-create-idempotent"), |event| event["body"] = json!("{}"));
    assert_eq!(api.send(&invalid).await.status(), 422);
    assert_eq!(api.send(event!("http-create-idempotent")).await.status(), 201);
}

#[tokio::test]
async fn a_request_in_progress_says_when_to_come_back() {
    let api = api();
    let now = from_epoch_seconds(NOON);
    // What an attempt that is at work has written, read off one that failed midway.
    *api.widgets.is_down.lock().unwrap() = true;
    assert_eq!(api.send(event!("http-create-idempotent")).await.status(), 503);
    let (id, owner) = lease_until(&api.records, now + Duration::from_secs(5)).await;
    *api.widgets.is_down.lock().unwrap() = false;
    let refused = api.send(event!("http-create-idempotent")).await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (409, &"5".parse().unwrap())
    );
    assert!(api.records.remove(&id, owner).await.unwrap());
}

/// Makes the one record of a store look like that of an attempt at work.
async fn lease_until(records: &MemoryStore, lease_ends: SystemTime) -> (RecordId, EffectId) {
    let key = "8e03978e-40d5-43dd-bc93-6894a57f9324".parse().unwrap();
    let id = RecordId::new("POST /widgets", &key);
    let probe = Record {
        id: id.clone(),
        fingerprint: common::idempotency::Fingerprint::of(&[]),
        effect: EffectId::from_bits(1),
        owner: EffectId::from_bits(1),
        state: common::idempotency::State::InProgress { lease_ends },
        expires: lease_ends,
    };
    let found = records.insert(&probe, from_epoch_seconds(NOON)).await.unwrap().unwrap();
    let owner = found.owner;
    let leased = Record { state: probe.state, ..found };
    assert!(records.replace(&leased, owner).await.unwrap());
    (id, owner)
}

#[tokio::test]
async fn a_store_that_is_down_is_answered_for_without_its_secrets() {
    let api = api();
    *api.widgets.is_down.lock().unwrap() = true;
    let failed = api.send(event!("http-create")).await;
    assert_eq!(
        (failed.status().as_u16(), &failed.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
    assert!(!String::from_utf8_lossy(failed.body().as_ref()).contains("on fire"));
}

#[tokio::test]
async fn an_attempt_that_failed_after_its_write_is_taken_up_with_the_same_id() {
    let api = api();
    *api.widgets.loses_answers.lock().unwrap() = true;
    assert_eq!(api.send(event!("http-create-idempotent")).await.status(), 503);
    assert_eq!(api.widgets.stored().len(), 1);
    *api.widgets.loses_answers.lock().unwrap() = false;
    let repeated = api.send(event!("http-create-idempotent")).await;
    assert_eq!(repeated.status(), 201);
    let stored = api.widgets.stored();
    assert_eq!(stored.len(), 1, "the repeat made no second widget");
    assert_eq!(json(&repeated)["id"], stored[0].id.to_string());
}

#[tokio::test]
async fn malformed_keys_are_refused() {
    let api = api();
    let refused = api.send(event!("http-create-bad-key")).await;
    assert_eq!(refused.status(), 400);
    assert_eq!(json(&refused)["type"], "urn:problem-type:invalid-idempotency-key");
    assert!(api.widgets.stored().is_empty());
}

#[tokio::test]
async fn every_fault_of_a_request_is_named() {
    let refused = api().send(event!("http-create-invalid")).await;
    assert_eq!(refused.status(), 422);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    assert_eq!(
        json(&refused)["errors"],
        json!([
            { "pointer": "/name", "detail": "must not be empty" },
            { "pointer": "/color", "detail": "is required" },
            { "pointer": "/size", "detail": "is not a member of a widget" }
        ])
    );
}

#[tokio::test]
async fn a_body_over_sixteen_kilobytes_is_refused() {
    let long = event_with(event!("http-create"), |event| event["body"] = json!(" ".repeat(16_385)));
    assert_eq!(api().send(&long).await.status(), 413);
}

#[tokio::test]
async fn pages_lead_through_all_widgets() {
    let api = api();
    for _ in 0..5 {
        api.send(event!("http-create")).await;
    }
    let mut seen = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let event = event_with(event!("http-list"), |event| event["rawQueryString"] = json!(query));
        let page = api.send(&event).await;
        let body = json(&page);
        seen.extend(body["items"].as_array().unwrap().iter().map(|w| w["id"].clone()));
        let Some(next) = body["next"].as_str() else { break };
        let link = page.headers()["link"].to_str().unwrap();
        assert_eq!(link, format!("</widgets?limit=2&cursor={next}>; rel=\"next\""));
        query = format!("limit=2&cursor={next}");
    }
    let stored: Vec<Value> =
        api.widgets.stored().into_iter().map(|widget| json!(widget.id.to_string())).collect();
    assert_eq!(seen, stored);
}

#[tokio::test]
async fn queries_that_make_no_page_are_refused() {
    let refused = api().send(event!("http-list-bad-limit")).await;
    assert_eq!((refused.status().as_u16(), &json(&refused)["parameter"]), (400, &json!("limit")));
}

#[tokio::test]
async fn other_methods_are_told_which_there_are() {
    let refused = api().send(event!("http-wrong-method")).await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["allow"]),
        (405, &"GET, HEAD, POST".parse().unwrap())
    );
}

#[tokio::test]
async fn other_paths_and_ids_are_not_found() {
    let api = api();
    for path in ["/", "/gadgets", "/widgets/7", "/widgets/%2e%2e", "/widgets/a/b"] {
        let event = event_with(event!("http-get"), |event| event["rawPath"] = json!(path));
        assert_eq!(api.send(&event).await.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let api = api();
    api.send(event!("http-create")).await;
    let head = event_with(event!("http-list"), |event| {
        event["requestContext"]["http"]["method"] = json!("HEAD");
    });
    let response = api.send(&head).await;
    assert_eq!((response.status().as_u16(), response.body().is_empty()), (200, true));
    assert_eq!(response.headers()["content-type"], "application/json");
}
