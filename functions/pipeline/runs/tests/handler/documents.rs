//! Runs for programs: as JSON and as flowcharts.

use common::journal::{RunState, StepState};
use common::testing::json;
use serde_json::json;

use crate::support::{
    RUN, claimed, done, event, event_to, failing, header, set, signing_up, stage, stage_with,
    started, status_and_kind, text,
};

#[tokio::test]
async fn a_run_tells_where_each_step_stands_and_what_it_added() {
    let shown = stage_with(signing_up()).send(event!("http-run")).await;
    assert_eq!((shown.status().as_u16(), &*header(&shown, "vary")), (200, "accept"));
    assert_eq!(
        json(&shown),
        json!({
            "run": RUN,
            "pipeline": "sign-up",
            "state": "running",
            "over": false,
            "created": "2026-03-01T12:00:00.000Z",
            "steps": [
                {
                    "name": "email-user", "kind": "function", "required": true, "after": [],
                    "place": "done", "attempts": 2, "added": { "emailed": "0100-message" },
                    "started": "2026-03-01T12:00:00.100Z", "ended": "2026-03-01T12:00:00.812Z",
                    "durationMs": 712
                },
                {
                    "name": "subscribe-user", "kind": "function", "required": false,
                    "when": "newsletter", "after": ["email-user"],
                    "place": "active", "attempts": 1, "started": "2026-03-01T12:00:00.100Z"
                },
                {
                    "name": "call-webhook", "kind": "webhook", "required": false,
                    "when": "webhook", "after": ["email-user"], "place": "skipped", "attempts": 0
                }
            ],
            "context": {
                "username": "Ada", "email": "a***@example.com", "phone": "******23",
                "locale": "en", "newsletter": true, "emailed": "0100-message"
            }
        })
    );
}

#[tokio::test]
async fn a_failure_is_told_with_its_reason_and_nothing_personal() {
    let shown = json(&stage_with(failing()).send(event!("http-run")).await);
    assert_eq!((&shown["state"], &shown["over"]), (&json!("failed"), &json!(true)));
    assert_eq!(shown["steps"][0]["failure"], "not verified: <a***@example.com>");
    assert_eq!(shown["steps"][1]["place"], "unreachable");
}

#[tokio::test]
async fn a_run_stands_as_its_steps_do_before_that_is_written_down() {
    let mut run = failing();
    run.state = RunState::Running;
    let shown = json(&stage_with(run).send(event!("http-run")).await);
    assert_eq!(shown["state"], "failed");
}

#[tokio::test]
async fn a_failed_run_is_over_when_what_the_failure_is_for_is_done() {
    let mut run = started("release", &json!({}));
    let reason = "it does not build".to_owned();
    set(&mut run, "build", StepState::Failed { reason }, 5, Some(900));
    for (state, place, is_over) in [
        (StepState::Pending, "ready", false),
        (claimed(), "active", false),
        (done(&json!({ "ticket": 7 })), "done", true),
    ] {
        set(&mut run, "open-ticket", state, 0, None);
        let shown = json(&stage_with(run.clone()).send(event!("http-run")).await);
        let step = &shown["steps"].as_array().unwrap()[3];
        assert_eq!((&step["name"], &step["onFailureOf"]), (&json!("open-ticket"), &json!("build")));
        assert_eq!((&step["place"], &shown["over"]), (&json!(place), &json!(is_over)));
    }
}

#[tokio::test]
async fn a_run_that_waits_for_a_person_is_not_over() {
    let mut run = started("release", &json!({}));
    set(&mut run, "build", done(&json!({})), 1, Some(900));
    let shown = json(&stage_with(run).send(event!("http-run")).await);
    assert_eq!((&shown["steps"][1]["place"], &shown["over"]), (&json!("waiting"), &json!(false)));
}

#[tokio::test]
async fn of_an_unknown_pipeline_is_told_what_is_recorded() {
    let mut run = signing_up();
    run.pipeline = "of-last-year".to_owned();
    let stage = stage_with(run);
    let shown = json(&stage.send(event!("http-run")).await);
    assert_eq!((&shown["pipeline"], &shown["state"]), (&json!("of-last-year"), &json!("running")));
    let places = shown["steps"].as_array().unwrap().iter();
    let places: Vec<_> = places.map(|step| (step["name"].clone(), step["place"].clone())).collect();
    let pair = |name, place| (json!(name), json!(place));
    assert_eq!(
        places,
        [
            pair("email-user", "done"),
            pair("call-webhook", "pending"),
            pair("subscribe-user", "active")
        ]
    );
    assert_eq!(shown["context"]["emailed"], "0100-message");
    let chart = text(&stage.send(event!("http-run-mermaid")).await);
    assert!(chart.contains("email-user") && !chart.contains("-->"), "{chart}");
}

#[tokio::test]
async fn a_step_that_the_pipeline_has_lost_is_still_told_and_changes_nothing() {
    let mut run = signing_up();
    set(&mut run, "old-step", done(&json!({ "locale": "xx" })), 1, Some(200));
    let shown = json(&stage_with(run).send(event!("http-run")).await);
    assert_eq!(shown["steps"][3]["added"], json!({ "locale": "xx" }));
    assert_eq!(shown["context"]["locale"], "en", "no step reads what it added");
}

#[tokio::test]
async fn a_flowchart_has_a_class_for_each_place() {
    let shown = stage_with(signing_up()).send(event!("http-run-mermaid")).await;
    assert_eq!(header(&shown, "content-type"), "text/vnd.mermaid; charset=utf-8");
    assert_eq!(
        text(&shown),
        r#"flowchart LR
  subgraph run["sign-up: running"]
    direction LR
    s0["email-user<br>function, required<br>done after 2 attempts"]
    s1["subscribe-user<br>function, optional<br>active"]
    s2["call-webhook<br>webhook, optional<br>skipped"]
    s0 --> s1
    s0 --> s2
  end
  classDef active fill:#d3e3fd,stroke:#0b57d0,color:#062e6f
  class s1 active
  classDef done fill:#c4eed0,stroke:#146c2e,color:#072711
  class s0 done
  classDef optional stroke-dasharray:5 3
  class s1,s2 optional
  classDef skipped fill:#ececf0,stroke:#767680,color:#33333a
  class s2 skipped
"#
    );
}

#[tokio::test]
async fn an_arrow_for_a_failure_is_another_one() {
    let chart =
        text(&stage_with(started("release", &json!({}))).send(event!("http-run-mermaid")).await);
    assert!(chart.contains("    s0 -. if it fails .-> s3\n"), "{chart}");
}

#[tokio::test]
async fn unknown_runs_and_what_names_none_are_not_found() {
    let stage = stage_with(signing_up());
    let unknown = stage.send(event!("http-run-unknown")).await;
    assert_eq!(status_and_kind(&unknown), (404, "no-run".into()));
    for id in ["7", "0123456789ABCDEF0123456789ABCDEF", &format!("{RUN}0"), "assets"] {
        let refused =
            stage.send(&event_to(event!("http-run"), "GET", &format!("/runs/{id}"))).await;
        assert_eq!(status_and_kind(&refused), (404, "no-run".into()), "{id}");
    }
}

#[tokio::test]
async fn other_methods_and_paths_are_refused() {
    let stage = stage();
    let run = format!("/runs/{RUN}");
    for (method, path, allow) in [
        ("POST", "/runs", "GET, HEAD"),
        ("DELETE", &run, "GET, HEAD"),
        ("GET", &format!("{run}/retry"), "POST"),
        ("PUT", "/runs/assets/style.css", "GET, HEAD"),
    ] {
        let refused = stage.send(&event_to(event!("http-run"), method, path)).await;
        assert_eq!((refused.status().as_u16(), header(&refused, "allow")), (405, allow.to_owned()));
    }
    for path in [&format!("{run}/steps"), "/runs/assets/other.js", "/other"] {
        let refused = stage.send(&event_to(event!("http-run"), "GET", path)).await;
        assert_eq!(status_and_kind(&refused), (404, "no-route".into()), "{path}");
    }
}

#[tokio::test]
async fn a_head_request_gets_no_body() {
    let stage = stage_with(signing_up());
    let head = stage.send(&event_to(event!("http-run"), "HEAD", &format!("/runs/{RUN}"))).await;
    assert_eq!((head.status().as_u16(), text(&head).as_str()), (200, ""));
}
