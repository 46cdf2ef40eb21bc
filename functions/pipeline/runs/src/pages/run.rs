//! The page of a run: a picture, a table and the context, change by change.

use std::time::{Duration, SystemTime};

use common::clock::rfc3339;
use common::journal::{Place, RunState};
use maud::{Markup, html};

use super::SITE;
use crate::graph::picture;
use crate::view::{Change, Field, StepView, View};
use crate::words;

/// Width of the whole run in the column of bars, in units of its picture.
const AXIS: u64 = 1000;
/// What happened at once is still seen.
const NARROWEST: u64 = 12;

/// The page. What can change while it is shown is in parts marked with `data-live`, which the
/// script replaces one by one.
#[must_use]
pub(super) fn page(view: &View) -> Markup {
    let title = format!("Run of {}", view.pipeline);
    SITE.document(
        &format!("{title}: {}", view.state.word()),
        &html! {
            h1 { (title) }
            (status(view))
            p .quiet { "Started " (time(view.created)) ". Run " code { (view.id) } "." }
            (actions(view))
            h2 { "Steps" }
            @match picture(view) {
                Some(picture) => {
                    div #graph .scroll role="region" aria-label="Picture of the steps" tabindex="0"
                        data-live { (picture) }
                }
                None => p #no-graph .quiet {
                    "The pipeline of this run is not known here, so there is no picture of it."
                }
            }
            @if view.edges.iter().any(|edge| edge.is_for_failure) {
                p .quiet { "Dashed arrows lead to what is done only if a step fails." }
            }
            h2 { "Times" }
            div #times .scroll role="region" aria-label="Table of the steps" tabindex="0" data-live {
                (table(view))
            }
            h2 { "Context" }
            (context(view))
        },
    )
}

/// How the run stands, in one sentence, which is read aloud when it changes.
fn status(view: &View) -> Markup {
    let named = |place: Place| {
        let at = view.steps.iter().filter(|step| step.place == place.word());
        at.map(|step| step.name.as_str()).collect::<Vec<&str>>().join(", ")
    };
    let (failed, waiting) = (named(Place::Failed), named(Place::Waiting));
    let said = match view.state {
        RunState::Running if !waiting.is_empty() => format!("It waits for a person: {waiting}."),
        RunState::Running => "It is running.".to_owned(),
        RunState::Done if failed.is_empty() => "It is done.".to_owned(),
        RunState::Done => format!("It is done, without what is optional and has failed: {failed}."),
        RunState::Failed => format!("It has failed at {failed}."),
    };
    html! {
        p #status .(view.state.word()) role="status" tabindex="-1"
            data-over=(view.is_over) data-live { (said) }
    }
}

/// What can be done now.
fn actions(view: &View) -> Markup {
    html! {
        div #actions tabindex="-1" data-live {
            @if view.failed().next().is_some() {
                form #retry method="post" action={ (view.path()) "/retry" } {
                    button #retry-button type="submit" { "Try the failed steps again" }
                }
            }
            @if !view.is_over { p { a #check-again href=(view.path()) { "Check again" } } }
        }
    }
}

fn table(view: &View) -> Markup {
    let times = view.steps.iter().flat_map(|step| [step.started, step.ended]).flatten();
    let end = times.fold(view.created, SystemTime::max);
    html! {
        table {
            thead {
                tr {
                    th scope="col" { "Step" }
                    th scope="col" { "State" }
                    th .figure scope="col" { "Attempts" }
                    th .figure scope="col" { "Began after" }
                    th .figure scope="col" { "Took" }
                    td { }
                }
            }
            tbody { @for step in &view.steps { (row(step, view.created, end)) } }
        }
    }
}

fn row(step: &StepView, created: SystemTime, end: SystemTime) -> Markup {
    let since = |time: SystemTime| time.duration_since(created).unwrap_or_default();
    let condition = step.rule.as_ref().and_then(|rule| rule.when.as_deref());
    html! {
        tr {
            th scope="row" { (step.name) }
            td {
                span .state .(step.place) { (step.place) }
                @if let Some(rule) = words::rule(step) { " (" (rule) ")" }
                @if let Some(field) = condition { p .quiet { "only with " code { (field) } } }
                @if let Some(cause) = &step.cause { p .quiet { "only if " (cause) " fails" } }
                @if let Some(reason) = &step.failure { p .reason { (reason) } }
            }
            td .figure { (step.attempts) }
            td .figure {
                @if let Some(started) = step.started {
                    time datetime=(rfc3339(started)) { (words::duration(since(started))) }
                }
            }
            td .figure {
                @if let Some(duration) = step.duration() { (words::duration(duration)) }
            }
            td { (bar(step, since(end), since)) }
        }
    }
}

/// When a step was at work within its run. What is not over reaches to the last that is known.
fn bar(step: &StepView, whole: Duration, since: impl Fn(SystemTime) -> Duration) -> Markup {
    let whole = whole.as_millis().max(1);
    let at = |time: Duration| {
        let part = time.as_millis() * u128::from(AXIS) / whole;
        u64::try_from(part).unwrap_or(AXIS).min(AXIS)
    };
    let span = step.started.map(|started| {
        let end = step.ended.map_or(AXIS, |ended| at(since(ended)));
        let start = at(since(started)).min(AXIS - NARROWEST);
        (start, end.saturating_sub(start).max(NARROWEST))
    });
    html! {
        svg .bar .(step.place) viewBox={ "0 0 " (AXIS) " 24" } preserveAspectRatio="none"
            aria-hidden="true" {
            rect .axis x="0" y="11" width=(AXIS) height="2" {}
            @if let Some((start, width)) = span {
                rect .span x=(start) y="5" width=(width) height="14" {}
            }
        }
    }
}

/// What was known at the start, and what each step added.
fn context(view: &View) -> Markup {
    html! {
        ol #context .changes tabindex="-1" data-live {
            @for change in &view.changes { li { (changed(change)) } }
        }
    }
}

fn changed(change: &Change) -> Markup {
    html! {
        h3 {
            @match &change.by {
                Some(step) => { (step) " added" @if change.fields.is_empty() { " nothing" } }
                None => { "At the start" @if change.fields.is_empty() { ", nothing was known" } }
            }
        }
        @if !change.fields.is_empty() {
            dl { @for field in &change.fields { (said(field)) } }
        }
    }
}

fn said(field: &Field) -> Markup {
    html! {
        div .replaced[field.before.is_some()] {
            dt { (field.name) }
            " "
            dd {
                span .value { (words::value(&field.value)) }
                @if let Some(before) = &field.before {
                    span .quiet { ", before: " } span .value { (words::value(before)) }
                }
            }
        }
    }
}

fn time(time: SystemTime) -> Markup {
    html! { time datetime=(rfc3339(time)) { (words::time(time)) } }
}
