//! Trying failed steps again.

use common::journal::{RunState, StepState};
use common::testing::json;
use serde_json::json;

use crate::support::{
    RUN, done, event, event_to, failing, header, set, signing_up, stage, stage_with, started,
    status_and_kind, text,
};

#[tokio::test]
async fn what_failed_is_opened_again() {
    let stage = stage_with(failing());
    let retried = stage.send(event!("http-retry")).await;
    assert_eq!(retried.status(), 202);
    assert_eq!(header(&retried, "location"), format!("/runs/{RUN}"));
    let document = json(&retried);
    assert_eq!((&document["state"], &document["over"]), (&json!("running"), &json!(false)));
    assert_eq!(document["steps"][0]["place"], "ready");
    assert_eq!(document["steps"][0]["attempts"], 5, "attempts before are counted on");
    assert_eq!(stage.run().state, RunState::Running);
}

#[tokio::test]
async fn a_browser_is_led_back_to_the_run() {
    let stage = stage_with(failing());
    let retried = stage.send(event!("http-retry-form")).await;
    assert_eq!(retried.status(), 303);
    assert_eq!(header(&retried, "location"), format!("/runs/{RUN}"));
    assert_eq!(stage.run().state, RunState::Running);
}

#[tokio::test]
async fn a_second_retry_finds_nothing() {
    let stage = stage_with(failing());
    stage.send(event!("http-retry")).await;
    let again = stage.send(event!("http-retry")).await;
    assert_eq!(status_and_kind(&again), (409, "nothing-to-retry".into()));
    let page = stage.send(event!("http-retry-form")).await;
    assert_eq!(page.status(), 409);
    assert!(text(&page).contains(&format!("href=\"/runs/{RUN}\"")), "it leads back");
}

#[tokio::test]
async fn what_is_optional_can_be_tried_again_too() {
    let mut run = signing_up();
    let reason = "the list is full".to_owned();
    set(&mut run, "subscribe-user", StepState::Failed { reason }, 5, Some(3_000));
    run.state = RunState::Done;
    let retried = stage_with(run).send(event!("http-retry")).await;
    assert_eq!(json(&retried)["state"], "running");
}

#[tokio::test]
async fn a_step_for_a_failure_stays_done_when_the_failure_is_tried_again() {
    let mut run = started("release", &json!({}));
    set(&mut run, "build", StepState::Failed { reason: "it broke".into() }, 1, Some(900));
    set(&mut run, "open-ticket", done(&json!({ "ticket": 7 })), 1, Some(950));
    let document = json(&stage_with(run).send(event!("http-retry")).await);
    let places: Vec<_> = [0, 3].map(|at| document["steps"][at]["place"].clone()).into();
    assert_eq!(places, ["ready", "done"]);
}

#[tokio::test]
async fn nothing_is_opened_that_nobody_would_move_on() {
    let mut run = failing();
    run.pipeline = "of-last-year".to_owned();
    let stage = stage_with(run.clone());
    let refused = stage.send(event!("http-retry")).await;
    assert_eq!(status_and_kind(&refused), (409, "nothing-to-retry".into()));
    assert_eq!(stage.run(), run);
    let page = text(&stage.send(event!("http-run-page")).await);
    assert!(!page.contains("id=\"retry\""), "nor is it offered");
}

#[tokio::test]
async fn a_run_at_work_has_nothing_to_retry() {
    let refused = stage_with(signing_up()).send(event!("http-retry")).await;
    assert_eq!(status_and_kind(&refused), (409, "nothing-to-retry".into()));
}

#[tokio::test]
async fn other_sites_retry_nothing() {
    let stage = stage_with(failing());
    let refused = stage.send(event!("http-retry-cross-site")).await;
    assert_eq!(refused.status(), 403);
    assert!(text(&refused).contains("Requests from pages of other sites are refused"));
    assert_eq!(stage.run(), failing());
}

#[tokio::test]
async fn a_run_that_is_not_there_cannot_be_retried() {
    for id in [RUN, "7"] {
        let path = format!("/runs/{id}/retry");
        let refused = stage().send(&event_to(event!("http-retry"), "POST", &path)).await;
        assert_eq!(status_and_kind(&refused), (404, "no-run".into()));
    }
}
