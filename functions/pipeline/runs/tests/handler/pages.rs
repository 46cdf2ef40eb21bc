//! Runs for people.

use common::journal::StepState;
use serde_json::json;

use crate::support::{
    RUN, claimed, done, event, event_with, failing, header, set, signing_up, stage, stage_with,
    started, text,
};

fn assert_parts(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part} is not in {page}");
    }
}

#[tokio::test]
async fn the_page_shows_the_picture_the_times_and_the_context() {
    let page = text(&stage_with(signing_up()).send(event!("http-run-page")).await);
    assert_parts(
        &page,
        &[
            "<title>Run of sign-up: running</title>",
            "role=\"status\" tabindex=\"-1\" data-over=\"false\" data-live>It is running.</p>",
            "<div class=\"scroll\" id=\"graph\" role=\"region\" aria-label=\"Picture of the steps\" \
             tabindex=\"0\" data-live>",
            "role=\"img\" aria-labelledby=\"picture-title picture-description\"",
            "email-user (function, required): done after 2 attempts.",
            "subscribe-user (function, optional): active, after email-user.",
            "<g class=\"node done required\">",
            "<g class=\"node active optional\">",
            "<th scope=\"row\">email-user</th>",
            "712 ms",
            "<time datetime=\"2026-03-01T12:00:00.000Z\">2026-03-01 12:00:00 UTC</time>",
            "only with <code>newsletter</code>",
            "<h3>At the start</h3>",
            "<h3>email-user added</h3>",
            "<dt>emailed</dt> <dd><span class=\"value\">0100-message</span>",
            "id=\"check-again\"",
        ],
    );
    assert!(!page.contains("ada@") && !page.contains("0100123"), "{page}");
    assert!(!page.contains("id=\"retry\""), "nothing has failed");
}

#[tokio::test]
async fn the_state_of_a_step_is_written_beside_its_colour() {
    let page = text(&stage_with(failing()).send(event!("http-run-page")).await);
    assert_parts(
        &page,
        &[
            "<g class=\"node failed required\">",
            ">failed after 5 attempts</text>",
            ">unreachable</text>",
            "<span class=\"state failed\">failed</span>",
            "It has failed at email-user.",
            "not verified: &lt;a***@example.com&gt;",
        ],
    );
}

#[tokio::test]
async fn what_failed_can_be_tried_again_from_the_page() {
    let page = text(&stage_with(failing()).send(event!("http-run-page")).await);
    let form = format!("<form id=\"retry\" method=\"post\" action=\"/runs/{RUN}/retry\">");
    assert_parts(&page, &[&form, "data-over=\"true\""]);
    assert!(!page.contains("id=\"check-again\""), "nothing more will happen");
}

#[tokio::test]
async fn what_a_failure_leads_to_is_drawn_in_another_way() {
    let mut run = started("release", &json!({ "channel": "#news" }));
    set(&mut run, "build", done(&json!({ "channel": "#releases" })), 1, Some(900));
    let page = text(&stage_with(run).send(event!("http-run-page")).await);
    assert_parts(
        &page,
        &[
            "class=\"edge for-failure\"",
            "Dashed arrows lead to what is done only if a step fails.",
            "open-ticket (function, required): skipped, only if build fails.",
            "It waits for a person: approve.",
            "<div class=\"replaced\"><dt>channel</dt>",
            "<span class=\"quiet\">, before: </span><span class=\"value\">#news</span>",
        ],
    );
}

#[tokio::test]
async fn a_run_that_is_done_says_what_it_is_done_without() {
    let mut run = signing_up();
    let page = |run| async move { text(&stage_with(run).send(event!("http-run-page")).await) };
    set(&mut run, "subscribe-user", done(&json!({})), 1, Some(2_000));
    let whole = page(run.clone()).await;
    assert_parts(&whole, &[">It is done.<", "<h3>subscribe-user added nothing</h3>"]);
    set(&mut run, "subscribe-user", StepState::Failed { reason: "full".into() }, 5, Some(2_000));
    let without = page(run).await;
    let said = "It is done, without what is optional and has failed: subscribe-user.";
    assert_parts(&without, &[said, "id=\"retry\""]);
}

#[tokio::test]
async fn the_page_of_an_unknown_pipeline_has_no_picture_and_all_the_rest() {
    let mut run = signing_up();
    run.pipeline = "of-last-year".to_owned();
    let page = text(&stage_with(run).send(event!("http-run-page")).await);
    assert_parts(&page, &["id=\"no-graph\"", "<h3>email-user added</h3>", ">pending</span>"]);
    assert!(!page.contains("class=\"picture\""), "{page}");
}

#[tokio::test]
async fn a_page_changes_only_when_its_run_does() {
    let stage = stage_with(signing_up());
    let now = text(&stage.send(event!("http-run-page")).await);
    let later = stage.send_at(event!("http-run-page"), crate::support::at(50_000)).await;
    assert_eq!(now, text(&later), "or else the script would replace parts for nothing");
}

#[tokio::test]
async fn what_can_change_is_in_parts_that_the_script_finds_again() {
    let page = text(&stage_with(signing_up()).send(event!("http-run-page")).await);
    let parts: Vec<&str> = page.split('<').filter(|tag| tag.contains("data-live")).collect();
    assert_eq!(parts.len(), 5, "{parts:?}");
    for part in parts {
        assert!(part.contains(" id=\"") && part.contains(" tabindex=\""), "{part}");
    }
    let ids: Vec<&str> =
        page.split(" id=\"").skip(1).map(|at| at.split('"').next().unwrap()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
}

#[tokio::test]
async fn problems_are_pages_too() {
    let page = stage().send(event!("http-run-page")).await;
    assert_eq!(page.status(), 404);
    assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
    assert_parts(&text(&page), &["role=\"alert\"", "There is no such run"]);
}

#[tokio::test]
async fn every_answer_is_protected() {
    let mut run = signing_up();
    set(&mut run, "call-webhook", claimed(), 1, None);
    let stage = stage_with(run);
    for event in [
        event!("http-run"),
        event!("http-run-page"),
        event!("http-run-mermaid"),
        event!("http-run-unknown"),
        event!("http-retry-cross-site"),
        event!("http-list"),
        event!("http-list-page"),
        event!("http-style"),
    ] {
        let answer = stage.send(event).await;
        let policy = header(&answer, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
        assert_eq!(header(&answer, "vary"), "accept");
        let kept = header(&answer, "cache-control");
        assert_eq!(kept == "no-store", event != event!("http-style"), "{kept}");
    }
}

#[tokio::test]
async fn pages_have_no_script_or_style_of_their_own() {
    let stage = stage_with(failing());
    let not_found =
        event_with(event!("http-run-page"), |event| event["rawPath"] = json!("/runs/7"));
    for event in [event!("http-run-page"), event!("http-list-page"), &not_found] {
        let html = text(&stage.send(event).await);
        for inline in ["<style", " style=", " onclick", " onload", "javascript:"] {
            assert!(!html.contains(inline), "{inline} is in {html}");
        }
        assert_eq!(html.matches("<script").count(), html.matches("<script src=\"/runs/").count());
    }
}
