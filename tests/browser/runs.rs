//! The page of a run, in every state that it can be seen in.
//!
//! Runs are put into the table in the state they are to be seen in, so that the pipeline's own
//! functions find nothing to do in them.

use std::future::Future;
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::Client as DynamoDb;
use common::aws::item::{millis, number, text};
use common::aws::{AwsConfig, Transacted, dynamodb, transact};
use common::client::Client;
use common::clock;
use common::config::Variables;
use common::idempotency::EffectId;
use common::journal::{DynamoJournal, End, Journal as _, Pipeline, Run, RunId};
use serde_json::{Value, json};

use crate::browser::{Browser, TAB};
use crate::{checks, poll, stack};

const PIPELINE: &str = include_str!("../../functions/pipeline/sign-up/pipeline.json");
/// Whoever holds the steps that are at work.
const OWNER: EffectId = EffectId::from_bits(7);
const REASON: &str = "the provider refuses ada@example.com: no such mailbox";

/// How a step is put into the table.
enum At {
    Work,
    Done(Value),
    Failed,
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn journal() -> (DynamoDb, DynamoJournal) {
    let config = AwsConfig::read(Variables::from_env()).unwrap();
    let client = dynamodb(&config, &Client::new().unwrap()).await;
    let tables = client.list_tables().send().await.unwrap();
    let table = tables.table_names().iter().find(|name| name.contains("RunsTable"));
    let journal = DynamoJournal::new(client.clone(), table.expect("the stack has the table"));
    (client, journal)
}

/// Puts a run into the table that began two seconds ago, with these steps taken up.
fn seed(state: &str, more: &Value, steps: &[(&str, At)]) -> RunId {
    let pipeline: Pipeline = PIPELINE.parse().unwrap();
    let mut known = json!({
        "username": "Ada", "email": "ada@example.com", "phone": "+15550100123", "locale": "en"
    });
    known.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let began = clock::now() - Duration::from_secs(2);
    let known = known.as_object().unwrap().clone();
    let run = Run::new(RunId::random().unwrap(), &pipeline, known, began);
    block_on(async {
        let (client, journal) = journal().await;
        let mut writes = journal.start(&run, began + Duration::from_secs(86_400)).unwrap();
        for put in writes.iter_mut().filter_map(|write| write.put.as_mut()) {
            let sk = put.item["sk"].as_s().unwrap().clone();
            if sk == "run" {
                put.item.insert("state".to_owned(), text(state));
            }
            let step = steps.iter().find(|(name, _)| sk == format!("step#{name}"));
            if let Some((_, at)) = step {
                let attributes = taken_up(at, began).map(|(name, value)| (name.to_owned(), value));
                put.item.extend(attributes);
            }
        }
        assert_eq!(transact(&client, writes).await.unwrap(), Transacted::Done);
    });
    run.id
}

type Attribute = (&'static str, aws_sdk_dynamodb::types::AttributeValue);

fn taken_up(at: &At, began: SystemTime) -> impl Iterator<Item = Attribute> {
    let after = |millis| began + Duration::from_millis(millis);
    let state = match at {
        At::Work => vec![
            ("state", text("claimed")),
            ("owner", text(&OWNER.to_string())),
            ("lease_ends", millis(after(3_600_000))),
            ("attempts", number(1)),
        ],
        At::Done(added) => vec![
            ("state", text("done")),
            ("added", text(&added.to_string())),
            ("ended", millis(after(890))),
            ("attempts", number(2)),
        ],
        At::Failed => vec![
            ("state", text("failed")),
            ("failure", text(REASON)),
            ("ended", millis(after(1_900))),
            ("attempts", number(5)),
        ],
    };
    state.into_iter().chain([("started", millis(after(120)))])
}

/// Ends a step that is at work, as its function would.
fn end(id: RunId, step: &str, added: &Value) {
    let end = End::Done(added.as_object().unwrap().clone());
    let step = step.parse().unwrap();
    block_on(async {
        let (_, journal) = journal().await;
        assert!(journal.end(id, &step, OWNER, &end, clock::now()).await.unwrap());
    });
}

fn done() -> RunId {
    let steps = [
        ("email-user", At::Done(json!({ "emailed": "0100-message" }))),
        ("subscribe-user", At::Done(json!({ "subscriber": "pending" }))),
    ];
    seed("done", &json!({ "newsletter": true }), &steps)
}

fn failed() -> RunId {
    seed("failed", &json!({ "newsletter": true }), &[("email-user", At::Failed)])
}

fn at_work() -> RunId {
    seed("running", &json!({}), &[("email-user", At::Work)])
}

fn open(browser: &Browser, id: RunId) {
    browser.visit(&stack::page(&format!("/runs/{id}")));
    browser.wait_for("#status");
}

fn status(browser: &Browser) -> String {
    browser.text("#status").unwrap_or_default()
}

/// Nothing personal is in the page, seen or not.
fn assert_masked(browser: &Browser) {
    let source = browser.source();
    assert!(source.contains("a***@example.com") && source.contains("******23"), "{source}");
    assert!(!source.contains("ada@") && !source.contains("0100123"), "{source}");
}

#[test]
fn a_run_is_seen_in_every_state_with_scripts_and_without() {
    for (browser, suffix) in
        [(Browser::new(), ""), (Browser::without_scripts(), "-without-scripts")]
    {
        for (id, name, said) in [
            (done(), "done", "It is done."),
            (failed(), "failed", "It has failed at email-user."),
            (at_work(), "waiting", "It is running."),
        ] {
            open(&browser, id);
            assert_eq!(status(&browser), said);
            assert_eq!(browser.text("h1").unwrap(), "Run of sign-up");
            for part in ["#graph .picture", "#times table", "#context"] {
                browser.wait_for(part);
            }
            assert_masked(&browser);
            checks::inspect(&browser, &format!("run-{name}{suffix}"));
        }
    }
}

#[test]
fn the_page_of_a_run_fits_at_a_zoom_of_200_percent() {
    let browser = Browser::zoomed();
    open(&browser, failed());
    checks::inspect(&browser, "run-failed-zoomed");
}

#[test]
fn the_page_follows_the_run_and_keeps_the_focus() {
    let (browser, id) = (Browser::new(), at_work());
    open(&browser, id);
    assert_eq!(status(&browser), "It is running.");
    browser.run("window.isTheSamePage = true; document.getElementById('graph').focus();");

    end(id, "email-user", &json!({ "emailed": "0100-message" }));
    poll::until("the page says it is done", || (status(&browser) == "It is done.").then_some(()));
    let left = browser.run(
        "return [window.isTheSamePage, document.activeElement.id, document.title,
                 document.querySelectorAll('#graph .node.done').length];",
    );
    assert_eq!(left, json!([true, "graph", "Run of sign-up: done", 1]));
    assert!(browser.wait_for("#context").contains("0100-message"));
    assert_eq!(browser.text("#check-again"), None, "there is nothing more to see");
    checks::inspect(&browser, "run-followed");
}

#[test]
fn without_scripts_a_link_looks_again() {
    let (browser, id) = (Browser::without_scripts(), at_work());
    open(&browser, id);
    end(id, "email-user", &json!({}));
    poll::until("the page says it is done", || {
        if browser.text("#check-again").is_some() {
            browser.click("#check-again");
        }
        (status(&browser) == "It is done.").then_some(())
    });
}

#[test]
fn a_failed_run_is_tried_again_from_the_page() {
    let (browser, id) = (Browser::without_scripts(), failed());
    open(&browser, id);
    browser.click("#retry-button");
    poll::until("the run goes on", || {
        let said = status(&browser);
        (!said.is_empty() && said != "It has failed at email-user.").then_some(())
    });
    assert_eq!(browser.url(), stack::page(&format!("/runs/{id}")), "going back sends nothing");
}

#[test]
fn what_is_wider_than_the_window_scrolls_by_keyboard() {
    let browser = Browser::new();
    open(&browser, done());
    checks::narrowed(&browser, true);
    let has_focus = "return document.activeElement.id;";
    for _ in 0..9 {
        if browser.run(has_focus) == "graph" {
            break;
        }
        browser.press(&TAB.to_string());
    }
    assert_eq!(browser.run(has_focus), "graph");
    const RIGHT: char = '\u{E014}';
    browser.press(&RIGHT.to_string().repeat(3));
    poll::until("the picture has moved", || {
        let left = browser.run("return document.getElementById('graph').scrollLeft;");
        left.as_f64().filter(|left| *left > 0.0)
    });
    checks::narrowed(&browser, false);
}

#[test]
fn strangers_see_neither_lists_nor_runs_they_cannot_name() {
    let browser = Browser::new();
    browser.visit(&stack::page("/runs"));
    assert!(browser.wait_for("#problem").contains("You are not signed in"));
    checks::inspect(&browser, "runs-not-signed-in");
    browser.visit(&stack::page(&format!("/runs/{}", RunId::random().unwrap())));
    assert!(browser.wait_for("#problem").contains("There is no such run"));
    checks::inspect(&browser, "run-unknown");
}
