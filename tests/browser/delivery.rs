//! What the code page says while the code is on its way.

use crate::browser::Browser;
use crate::pages::{delivery, give_code, go_to_code_page, wait_for_delivery};
use crate::stack::{self, Paused, User};
use crate::{checks, poll};

#[test]
fn the_page_is_there_before_the_code_and_follows_it() {
    let paused = Paused::new();
    let (browser, user) = (Browser::new(), User::new());
    go_to_code_page(&browser, &user);
    assert_eq!(delivery(&browser).unwrap(), "requested");
    checks::inspect(&browser, "code-requested");
    assert_eq!(user.texts().len(), 0);
    browser.run("window.isTheSamePage = true;");

    drop(paused);
    wait_for_delivery(&browser, "sent");
    assert_eq!(browser.run("return window.isTheSamePage;"), true, "nothing was loaded again");
    give_code(&browser, &user.code(1));
    browser.wait_for("#sign-out");
}

#[test]
fn without_scripts_a_link_asks_again() {
    let paused = Paused::new();
    let (browser, user) = (Browser::without_scripts(), User::new());
    go_to_code_page(&browser, &user);
    assert_eq!(delivery(&browser).unwrap(), "requested");
    checks::inspect(&browser, "code-requested-without-scripts");
    browser.click("#check-again");
    browser.wait_for("#enter-code");
    assert_eq!(delivery(&browser).unwrap(), "requested");

    drop(paused);
    wait_for_delivery(&browser, "sent");
    give_code(&browser, &user.code(1));
    browser.wait_for("#sign-out");
}

#[test]
fn the_countdown_counts() {
    let _texting = stack::texting();
    let (browser, user) = (Browser::new(), User::new());
    go_to_code_page(&browser, &user);
    let first = browser.wait_for("#countdown");
    poll::until("another time is shown", || {
        browser.text("#countdown").filter(|text| *text != first)
    });
}

#[test]
fn a_code_that_does_not_arrive_is_said_so() {
    let _texting = stack::texting();
    // The first has opted out of texts (`infra/local`), the second is in a country not served.
    for (phone, status) in [("+15550106", "failed"), ("+3315550", "refused")] {
        let browser = Browser::new();
        go_to_code_page(&browser, &User::with_phone(&format!("{phone}{}", two_digits())));
        wait_for_delivery(&browser, status);
        assert!(!browser.wait_for("#delivery").is_empty());
        checks::inspect(&browser, &format!("code-{status}"));
    }
}

/// Texts to one number are counted, also over several runs on one stack.
fn two_digits() -> String {
    let user = User::new();
    user.phone[user.phone.len() - 2..].to_owned()
}
