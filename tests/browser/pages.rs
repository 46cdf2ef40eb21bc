//! Moves on the pages, as a user makes them.

use crate::browser::Browser;
use crate::poll;
use crate::stack::{self, PASSWORD, User};

/// Opens the sign-in page.
pub(crate) fn open_sign_in(browser: &Browser) {
    browser.visit(&stack::page("/login"));
    browser.wait_for("#sign-in");
}

/// Gives the name and a password on the sign-in page.
pub(crate) fn give_password(browser: &Browser, user: &User, password: &str) {
    browser.fill("#username", &user.name);
    browser.fill("#password", password);
    browser.click("#sign-in #submit");
}

/// Opens the sign-in page and signs in as far as the code page.
pub(crate) fn go_to_code_page(browser: &Browser, user: &User) {
    open_sign_in(browser);
    give_password(browser, user, PASSWORD);
    browser.wait_for("#delivery");
}

/// What the code page says about the code: `requested`, `sent`, `failed` or `refused`.
pub(crate) fn delivery(browser: &Browser) -> Option<String> {
    browser.attribute("#delivery", "data-status")
}

/// Waits until the code page says this of the code, asking it again where it does not by itself.
pub(crate) fn wait_for_delivery(browser: &Browser, status: &str) {
    poll::until(&format!("the page says {status}"), || {
        let is_said = delivery(browser).is_some_and(|said| said == status);
        if !is_said && !browser.runs_scripts() {
            browser.click("#check-again");
        }
        is_said.then_some(())
    });
}

/// Gives a code on the code page.
pub(crate) fn give_code(browser: &Browser, code: &str) {
    browser.fill("#code", code);
    browser.click("#enter-code #submit");
}

/// A code that is not this one.
pub(crate) fn other_than(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

/// Waits until the page tells of another problem than this; answers what it says.
pub(crate) fn wait_for_problem_after(browser: &Browser, earlier: &str) -> String {
    poll::until("the page tells of a problem", || {
        browser.text("#problem").filter(|text| !text.is_empty() && text != earlier)
    })
}
