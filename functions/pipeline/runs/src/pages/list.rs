//! The list of runs, for operators.

use common::clock::rfc3339;
use common::journal::RunState;
use maud::{Markup, html};

use super::SITE;
use crate::list::{Listed, PageRequest};
use crate::words;

/// The page.
#[must_use]
pub(super) fn page(request: &PageRequest, listed: &Listed) -> Markup {
    let title = format!("Runs that {}", verb(request.state));
    let current = |state: RunState| (state == request.state).then_some("page");
    SITE.document(
        &title,
        &html! {
            h1 { (title) }
            nav aria-label="States" {
                ul {
                    @for state in [RunState::Failed, RunState::Running, RunState::Done] {
                        li {
                            a href={ "/runs?state=" (state.word()) } aria-current=[current(state)] {
                                (state.word())
                            }
                        }
                    }
                }
            }
            @if listed.entries.is_empty() {
                p #none { @if request.after.is_some() { "There are no more." } @else { "There are none." } }
            } @else {
                (table(listed))
            }
            @if let Some(last) = listed.last {
                p { a #older rel="next" href=(request.path_after(last)) { "Older runs" } }
            }
        },
    )
}

const fn verb(state: RunState) -> &'static str {
    match state {
        RunState::Running => "are running",
        RunState::Done => "are done",
        RunState::Failed => "have failed",
    }
}

fn table(listed: &Listed) -> Markup {
    html! {
        div .scroll role="region" aria-label="Table of runs" tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { "Started" }
                        th scope="col" { "Pipeline" }
                        th scope="col" { "Run" }
                    }
                }
                tbody {
                    @for entry in &listed.entries {
                        tr {
                            td {
                                time datetime=(rfc3339(entry.created)) { (words::time(entry.created)) }
                            }
                            td { (entry.pipeline) }
                            td { a href={ "/runs/" (entry.id) } { code { (entry.id) } } }
                        }
                    }
                }
            }
        }
    }
}
