//! The pages, for people: they work without scripts, by keyboard, and read aloud.

use common::http::page;
use common::problem::Problem;
use common::redact;
use lambda_http::{Body, Response};
use maud::{DOCTYPE, Markup, html};

use crate::request::Purpose;
use crate::subscriber::{Address, State};

const STYLE: &str = include_str!("assets/style.css");

/// A file by its name.
#[must_use]
pub(crate) fn file(name: &str) -> Option<Response<Body>> {
    (name == "style.css").then(|| page::file(STYLE, "text/css; charset=utf-8"))
}

fn layout(title: &str, main: &Markup) -> Markup {
    let style =
        format!("/subscriptions/assets/style.css?v={:016x}", const { page::version(STYLE) });
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) }
                link rel="stylesheet" href=(style);
            }
            body { main { h1 { (title) } (main) } }
        }
    }
}

/// The page that a link leads to. Nothing happens before the button is pressed, because mail
/// scanners follow links, too.
#[must_use]
pub(crate) fn shown(purpose: Purpose, address: &Address, path: &str) -> Markup {
    let address = redact::email(address.as_str());
    let (title, before, after, button) = match purpose {
        Purpose::Confirm => {
            ("Confirm your subscription", "The newsletter will go to ", ".", "Subscribe")
        }
        Purpose::Unsubscribe => {
            ("Unsubscribe", "No more newsletters will go to ", ".", "Unsubscribe")
        }
    };
    layout(
        title,
        &html! {
            p { (before) strong { (address) } (after) }
            form #decide method="post" action=(path) {
                button #submit type="submit" { (button) }
            }
        },
    )
}

/// The page that tells how a subscription stands now.
#[must_use]
pub(crate) fn done(state: State, address: &Address) -> Markup {
    let address = redact::email(address.as_str());
    let (title, before, after) = match state {
        State::Confirmed => (
            "You are subscribed",
            "The newsletter goes to ",
            ". Each one has a link to unsubscribe.",
        ),
        State::Pending => ("Not confirmed yet", "The newsletter does not go to ", " yet."),
        State::Unsubscribed => ("You are unsubscribed", "No more newsletters go to ", "."),
    };
    layout(
        title,
        &html! { p #state data-state=(state.word()) { (before) strong { (address) } (after) } },
    )
}

/// The page that tells what went wrong: it takes the focus, so that it is read aloud.
#[must_use]
pub(crate) fn problem(problem: &Problem) -> Markup {
    layout(
        problem.title(),
        &html! {
            div #problem role="alert" tabindex="-1" autofocus {
                p { (problem.told_detail().unwrap_or("Nothing was changed.")) }
            }
        },
    )
}
