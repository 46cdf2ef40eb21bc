//! What goes wrong when people sign in, and how they are told.

use crate::browser::Browser;
use crate::pages::{
    give_code, give_password, go_to_code_page, open_sign_in, other_than, wait_for_delivery,
    wait_for_problem_after,
};
use crate::stack::{self, User};
use crate::{checks, poll};

/// A problem is read out at once, and where to mend it has the focus.
fn assert_told(browser: &Browser) {
    assert_eq!(browser.attribute("#problem", "role").unwrap(), "alert");
    let focus = browser.run(
        "const focused = document.activeElement;
         const described = focused.getAttribute('aria-describedby') ?? '';
         return focused.id === 'problem' || described.split(' ').includes('problem');",
    );
    assert_eq!(focus, true, "the focus is on the problem, or on a field it describes");
}

#[test]
fn a_wrong_password_is_told_and_the_name_stays() {
    for (browser, kind) in [(Browser::new(), ""), (Browser::without_scripts(), "-without-scripts")]
    {
        let user = User::new();
        open_sign_in(&browser);
        give_password(&browser, &user, "not this one");
        wait_for_problem_after(&browser, "");
        assert_told(&browser);
        assert_eq!(browser.value("#username").unwrap(), user.name);
        assert_eq!(browser.value("#password").unwrap(), "");
        checks::inspect(&browser, &format!("wrong-password{kind}"));
    }
}

#[test]
fn after_a_wrong_code_a_new_one_can_be_asked_for() {
    let _texting = stack::texting();
    let (browser, user) = (Browser::new(), User::new());
    go_to_code_page(&browser, &user);
    wait_for_delivery(&browser, "sent");
    give_code(&browser, &other_than(&user.code(1)));
    let problem = wait_for_problem_after(&browser, "");
    assert!(problem.contains('4'), "it says how many attempts are left: {problem}");
    assert_told(&browser);
    checks::inspect(&browser, "wrong-code");

    poll::until("a new code can be asked for", || {
        browser.is_enabled("#resend-button").then_some(())
    });
    browser.click("#resend-button");
    let code = user.code(2);
    wait_for_delivery(&browser, "sent");
    checks::inspect(&browser, "code-sent-again");
    give_code(&browser, &code);
    browser.wait_for("#sign-out");
}

#[test]
fn guessing_comes_to_an_end() {
    let _texting = stack::texting();
    let (browser, user) = (Browser::without_scripts(), User::new());
    go_to_code_page(&browser, &user);
    wait_for_delivery(&browser, "sent");
    let code = user.code(1);
    let mut problem = String::new();
    for _ in 0..5 {
        give_code(&browser, &other_than(&code));
        problem = wait_for_problem_after(&browser, &problem);
    }
    checks::inspect(&browser, "too-many-guesses");
    assert!(problem.contains("No attempt is left"), "{problem}");
    // Nothing can be entered any more, and no other code asked for.
    assert_eq!((browser.text("#enter-code"), browser.text("#resend")), (None, None));
}

#[test]
fn a_sign_in_that_there_is_not_is_told() {
    let browser = Browser::new();
    browser.visit(&stack::page(&format!("/login/{}", "0".repeat(32))));
    browser.wait_for("#problem");
    checks::inspect(&browser, "no-sign-in");
}

#[test]
fn a_page_for_users_leads_others_to_the_sign_in() {
    let browser = Browser::new();
    browser.visit(&stack::page("/me"));
    browser.wait_for("#sign-in");
    assert_eq!(browser.url(), stack::page("/login"));
}
