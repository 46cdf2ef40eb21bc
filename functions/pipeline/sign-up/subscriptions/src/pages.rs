//! The pages, for people: they work without scripts, by keyboard, and read aloud.

use common::http::site::Site;
use common::problem::Problem;
use common::redact;
use maud::{Markup, html};

use crate::request::Purpose;
use crate::subscriber::{Address, State};

/// The pages, and their files.
pub(crate) const SITE: Site = Site::new("/subscriptions/assets", "", None);

/// A page with a heading that is its title.
fn titled(title: &str, main: &Markup) -> Markup {
    SITE.document(title, &html! { h1 { (title) } (main) })
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
    titled(
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
    titled(
        title,
        &html! { p #state data-state=(state.word()) { (before) strong { (address) } (after) } },
    )
}

/// The page that tells what went wrong: it takes the focus, so that it is read aloud.
#[must_use]
pub(crate) fn problem(problem: &Problem) -> Markup {
    titled(
        problem.title(),
        &html! {
            div #problem role="alert" tabindex="-1" autofocus {
                p { (problem.told_detail().unwrap_or("Nothing was changed.")) }
            }
        },
    )
}
