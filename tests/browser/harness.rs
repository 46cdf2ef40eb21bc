//! The checks catch what they are for: pages that are wrong on purpose do not pass.

use tests::endpoint::Endpoint;
use tests::wire::{Request, Response};

use crate::browser::{Browser, ENTER, TAB};
use crate::checks;

const GOOD: &str = "<!doctype html><html lang=en><head><title>A page</title>
    <link rel=stylesheet href=/style.css><script src=/script.js></script></head>
    <body><main><h1>A page</h1><p>It is fine.</p><p id=scripts>off</p>
    <form action=/><label>Name <input id=first></label> <label>Town <input id=second></label>
    <button>Send</button></form></main></body></html>";
const INACCESSIBLE: &str = "<!doctype html><html><head><title>A page</title>
    <link rel=stylesheet href=/style.css></head>
    <body><main><h1>A page</h1><p class=faint>Hard to see.</p><p class=dark>Hard in the dark.</p>
    <input id=nameless><button class=small>a</button><button class=small>b</button></main></body></html>";
const FORBIDDEN: &str = "<!doctype html><html lang=en><head><title>A page</title>
    <script>document.title = 'changed';</script></head>
    <body><main><h1 style='color: red'>A page</h1></main></body></html>";
const BROKEN: &str = "<!doctype html><html lang=en><head><title>A page</title>
    <script src=/broken.js></script></head><body><main><h1>A page</h1></main></body></html>";
const WIDE: &str = "<!doctype html><html lang=en><head><title>A page</title>
    <link rel=stylesheet href=/style.css></head>
    <body><main><h1>A page</h1><p class=wide>Wide.</p></main></body></html>";
const STYLE: &str = ":root { color-scheme: light dark; background: canvas } .wide { width: 600px }
    .small { width: 9px; height: 9px; padding: 0 }
    .faint { color: #aaa; background: #fff }
    @media (prefers-color-scheme: dark) { .dark { color: #444; background: #000 } }";
const SCRIPT: &str = "addEventListener('DOMContentLoaded', () => {
    document.querySelector('#scripts').textContent = 'on';
});";
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'";

fn pages(request: &Request) -> Response {
    let (kind, body) = match request.target.as_str() {
        "/style.css" => ("text/css", STYLE),
        "/script.js" => ("text/javascript", SCRIPT),
        "/broken.js" => ("text/javascript", "nothing.at.all();"),
        "/inaccessible" => ("text/html", INACCESSIBLE),
        "/forbidden" => ("text/html", FORBIDDEN),
        "/broken" => ("text/html", BROKEN),
        "/wide" => ("text/html", WIDE),
        _ => ("text/html", GOOD),
    };
    let headers = vec![
        ("content-type", format!("{kind}; charset=utf-8")),
        ("content-security-policy", POLICY.to_owned()),
    ];
    Response { status: 200, headers, body: body.as_bytes().to_vec() }
}

fn assert_names(found: &[String], expected: &[&str]) {
    for name in expected {
        assert!(found.iter().any(|text| text.contains(name)), "{name} is not in {found:#?}");
    }
}

/// What was found on contrast.
fn contrast(found: &[String]) -> String {
    found.iter().filter(|text| text.starts_with("color-contrast")).cloned().collect()
}

#[test]
fn a_good_page_passes_with_scripts_and_without() {
    let site = Endpoint::plain(pages).unwrap();
    for (browser, scripts) in [(Browser::new(), "on"), (Browser::without_scripts(), "off")] {
        browser.visit(&site.url());
        assert_eq!(browser.text("#scripts").unwrap(), scripts);
        checks::inspect(&browser, &format!("harness-scripts-{scripts}"));
    }
}

#[test]
fn an_inaccessible_page_is_caught_with_scripts_and_without() {
    let site = Endpoint::plain(pages).unwrap();
    for browser in [Browser::new(), Browser::without_scripts()] {
        browser.visit(&format!("{}/inaccessible", site.url()));
        let found = checks::accessibility_violations(&browser);
        assert_names(&found, &["html-has-lang", "label", "target-size", "color-contrast"]);
        let found = contrast(&found);
        assert!(found.contains("faint") && !found.contains("dark"), "{found}");

        checks::prefer_colours(&browser, "dark");
        let found = contrast(&checks::accessibility_violations(&browser));
        assert!(found.contains("dark"), "{found}");
    }
}

#[test]
fn what_the_policy_forbids_is_caught() {
    let site = Endpoint::plain(pages).unwrap();
    let browser = Browser::new();
    browser.visit(&format!("{}/forbidden", site.url()));
    // Also when the page is no longer shown.
    browser.visit(&site.url());
    let found = checks::policy_violations(&browser);
    assert_names(&found, &["script-src-elem forbids inline", "style-src-attr forbids inline"]);
    assert_names(&found, &["Content Security Policy"]);
    assert_eq!(checks::policy_violations(&browser), [""; 0]);

    let browser = Browser::without_scripts();
    browser.visit(&format!("{}/forbidden", site.url()));
    assert_names(&checks::policy_violations(&browser), &["Content Security Policy"]);
}

#[test]
fn a_script_that_fails_is_caught() {
    let site = Endpoint::plain(pages).unwrap();
    let browser = Browser::new();
    browser.visit(&format!("{}/broken", site.url()));
    assert_names(&checks::failed_scripts(&browser), &["nothing is not defined"]);
}

#[test]
fn a_page_wider_than_its_window_is_caught() {
    let site = Endpoint::plain(pages).unwrap();
    let browser = Browser::new();
    browser.visit(&format!("{}/wide", site.url()));
    assert_eq!(checks::too_wide(&browser), None);
    checks::narrowed(&browser, true);
    assert_eq!(checks::too_wide(&browser).unwrap(), "the page is 608 pixels wide, its window 320");
    checks::narrowed(&browser, false);
    assert_eq!(checks::too_wide(&browser), None, "it is as it was");
}

#[test]
fn a_zoomed_browser_has_half_the_room() {
    let site = Endpoint::plain(pages).unwrap();
    let browser = Browser::zoomed();
    browser.visit(&site.url());
    assert_eq!(browser.run("return devicePixelRatio;"), 2);
    assert_eq!(browser.run("return innerWidth;"), 640);
    checks::narrowed(&browser, true);
    assert_eq!(browser.run("return innerWidth;"), 320);
}

#[test]
fn keys_type_move_the_focus_copy_and_paste() {
    let site = Endpoint::plain(pages).unwrap();
    let browser = Browser::new();
    browser.visit(&site.url());
    browser.press(&format!("{TAB}first{TAB}second"));
    assert_eq!(browser.value("#first").unwrap(), "first");
    assert_eq!(browser.value("#second").unwrap(), "second");

    browser.press_with_control('a');
    browser.press_with_control('c');
    browser.click("#first");
    browser.press_with_control('a');
    browser.press_with_control('v');
    assert_eq!(browser.value("#first").unwrap(), "second");

    browser.press(&ENTER.to_string());
    browser.wait_for("#first");
}
