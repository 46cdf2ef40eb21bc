//! The pages, for people: they work without scripts, by keyboard, and read aloud.

mod list;
mod run;

use common::http::page;
use common::http::site::{Site, alert};
use common::problem::Problem;
use lambda_http::{Body, Response};
use maud::{Markup, html};

use crate::outcome::{Outcome, see_other};

const STYLE: &str = include_str!("../assets/style.css");
const SCRIPT: &str = include_str!("../assets/script.js");

/// The pages, and their files.
pub(crate) const SITE: Site = Site::new("/runs/assets", STYLE, Some(SCRIPT));

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

/// A page for what has no page of its own. It leads on from there, where it can.
#[must_use]
pub(crate) fn problem(problem: &Problem, path: &str) -> Markup {
    let way_on = match problem.kind() {
        "nothing-to-retry" => path.strip_suffix("/retry").map(|path| (path, "See the run")),
        "not-signed-in" => Some(("/login", "Sign in")),
        "invalid-query" => Some(("/runs", "See what failed")),
        _ => None,
    };
    SITE.document(
        &format!("Error: {}", problem.title()),
        &html! {
            h1 { "That did not work" }
            (alert(problem))
            @if let Some((path, text)) = way_on { p { a #way-on href=(path) { (text) } } }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_knows_every_place() {
        for place in [
            "active",
            "blocked",
            "done",
            "failed",
            "pending",
            "ready",
            "skipped",
            "unreachable",
            "waiting",
        ] {
            assert!(STYLE.contains(&format!(".{place}")), "{place}");
        }
    }
}
