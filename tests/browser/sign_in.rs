//! Signing in, from the first page to the last.

use crate::browser::{Browser, ENTER, TAB};
use crate::pages::{give_code, go_to_code_page, open_sign_in, wait_for_delivery};
use crate::stack::{self, PASSWORD, User};
use crate::{checks, poll};

/// Waits until the browser shows who is signed in.
fn assert_signed_in(browser: &Browser, user: &User) {
    browser.wait_for("#sign-out");
    assert_eq!(browser.text("h1").unwrap(), "Signed in");
    assert_eq!(browser.text("#username").unwrap(), user.name);
    assert_eq!(browser.url(), stack::page("/me"));
}

#[test]
fn a_user_signs_in_and_out_and_leaves_nothing_behind() {
    let _texting = stack::texting();
    let (browser, user) = (Browser::new(), User::new());
    open_sign_in(&browser);
    checks::inspect(&browser, "sign-in");
    go_to_code_page(&browser, &user);
    wait_for_delivery(&browser, "sent");
    let digits = &user.phone[user.phone.len() - 2..];
    let source = browser.source();
    assert!(source.contains(digits) && !source.contains(&user.phone[2..]), "{source}");
    checks::inspect(&browser, "code-sent");

    give_code(&browser, &user.code(1));
    assert_signed_in(&browser, &user);
    checks::inspect(&browser, "signed-in");
    let cookies = browser.cookies();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    assert_eq!(cookies[0]["httpOnly"], true);
    assert_eq!(cookies[0]["sameSite"], "Lax");

    browser.click("#sign-out #submit");
    browser.wait_for("#sign-in");
    assert_eq!(browser.url(), stack::page("/login"));
    assert_eq!(browser.cookies().len(), 0);

    // To the page that showed the user, and to the one that took the code.
    for left in ["#sign-out", "#enter-code"] {
        browser.back();
        poll::until(&format!("{left} does not come back"), || {
            browser.text("h1").filter(|_| browser.text(left).is_none())
        });
        let source = browser.source();
        assert!(!source.contains(&user.name) && !source.contains("Signed in"), "{source}");
    }
}

#[test]
fn a_user_signs_in_without_scripts_and_pastes_the_code_with_a_space_in_it() {
    let _texting = stack::texting();
    let (browser, user) = (Browser::without_scripts(), User::new());
    open_sign_in(&browser);
    checks::inspect(&browser, "sign-in-without-scripts");
    go_to_code_page(&browser, &user);
    wait_for_delivery(&browser, "sent");
    checks::inspect(&browser, "code-sent-without-scripts");

    paste_with_a_space(&browser, &user.code(1));
    browser.click("#enter-code #submit");
    assert_signed_in(&browser, &user);
    checks::inspect(&browser, "signed-in-without-scripts");
    browser.click("#sign-out #submit");
    browser.wait_for("#sign-in");
}

#[test]
fn a_code_with_a_space_in_it_can_be_pasted() {
    let _texting = stack::texting();
    let (browser, user) = (Browser::new(), User::new());
    go_to_code_page(&browser, &user);
    wait_for_delivery(&browser, "sent");
    paste_with_a_space(&browser, &user.code(1));
    // Where six digits are sent at once, there is nothing left to click.
    if browser.text("#enter-code").is_some() {
        browser.press(&ENTER.to_string());
    }
    assert_signed_in(&browser, &user);
}

/// Copies `123 456` from another page, as from a message, and pastes it.
fn paste_with_a_space(browser: &Browser, code: &str) {
    let code_page = browser.url();
    browser.visit("data:text/html,<title>Messages</title><input id=message>");
    browser.click("#message");
    browser.press(&format!("{} {}", &code[..3], &code[3..]));
    browser.press_with_control('a');
    browser.press_with_control('c');
    browser.visit(&code_page);
    browser.click("#code");
    browser.press_with_control('v');
}

#[test]
fn a_keyboard_is_enough() {
    let _texting = stack::texting();
    let (browser, user) = (Browser::new(), User::new());
    open_sign_in(&browser);
    tab_to(&browser, "#username");
    browser.press(&format!("{}{TAB}{PASSWORD}{ENTER}", user.name));
    browser.wait_for("#enter-code");
    let code = user.code(1);
    tab_to(&browser, "#code");
    browser.press(&format!("{code}{ENTER}"));
    browser.wait_for("#sign-out");
    tab_to(&browser, "#sign-out #submit");
    browser.press(&ENTER.to_string());
    browser.wait_for("#sign-in");
}

/// Presses Tab until something has the focus, and sees that everything on the way shows it.
fn tab_to(browser: &Browser, selector: &str) {
    let focus = format!(
        "const focused = document.activeElement;
         const style = getComputedStyle(focused);
         const isMarked = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
         return {{
             isThere: focused.matches('{selector}'),
             isMarked: focused === document.body || isMarked,
             what: focused.outerHTML,
         }};"
    );
    for _ in 0..20 {
        let found = browser.run(&focus);
        assert_eq!(found["isMarked"], true, "the focus is not seen on {}", found["what"]);
        if found["isThere"] == true {
            return;
        }
        browser.press(&TAB.to_string());
    }
    panic!("Tab does not lead to {selector}");
}

#[test]
fn pages_fit_at_a_zoom_of_200_percent() {
    let _texting = stack::texting();
    let (browser, user) = (Browser::zoomed(), User::new());
    open_sign_in(&browser);
    checks::inspect(&browser, "zoomed-sign-in");
    go_to_code_page(&browser, &user);
    wait_for_delivery(&browser, "sent");
    checks::inspect(&browser, "zoomed-code");
    give_code(&browser, &user.code(1));
    assert_signed_in(&browser, &user);
    checks::inspect(&browser, "zoomed-signed-in");
}
