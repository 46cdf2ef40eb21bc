//! The pages, for people: they work without scripts, by keyboard, and read aloud.

mod list;
mod run;

use common::http::page;
use common::problem::Problem;
use lambda_http::{Body, Response};
use maud::{DOCTYPE, Markup, html};

use crate::assets::{script_url, style_url};
use crate::outcome::{Outcome, see_other};

/// The answer for a browser.
///
/// # Errors
/// An internal problem when a header cannot be made.
pub(crate) fn answer(outcome: Outcome) -> Result<Response<Body>, Problem> {
    match outcome {
        Outcome::Shown(view) => Ok(page::html(run::page(&view).into_string())),
        // The page that comes is read anew, so that going back sends nothing twice.
        Outcome::Retried(view) => see_other(&view.path()),
        Outcome::Listed(request, listed) => {
            Ok(page::html(list::page(&request, &listed).into_string()))
        }
        Outcome::File(file) => Ok(file),
    }
}

fn layout(title: &str, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="stylesheet" href=(style_url());
                script src=(script_url()) defer {}
            }
            body { main { (main) } }
        }
    }
}

/// A page for what has no page of its own. It leads on from there, where it can.
#[must_use]
pub(crate) fn problem(problem: &Problem, path: &str) -> Markup {
    let way_on = match problem.kind() {
        "nothing-to-retry" => path.strip_suffix("/retry").map(|path| (path, "See the run")),
        "not-signed-in" => Some(("/login", "Sign in")),
        "invalid-query" => Some(("/runs", "See what failed")),
        _ => None,
    };
    layout(
        &format!("Error: {}", problem.title()),
        &html! {
            h1 { "That did not work" }
            div #problem role="alert" tabindex="-1" autofocus {
                p { strong { (problem.title()) } }
                @if let Some(detail) = problem.told_detail() { p { (detail) } }
            }
            @if let Some((path, text)) = way_on { p { a #way-on href=(path) { (text) } } }
        },
    )
}
