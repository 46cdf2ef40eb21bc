//! What every page must pass in every state.

use std::fs;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::browser::Browser;

/// The narrowest width that WCAG 2.2 wants pages to fit in without scrolling sideways, in CSS
/// pixels.
const NARROW: f64 = 320.0;
const TIMERS_OF_PROMISES: &str = "window.setTimeout = (act, _, ...values) => {
    Promise.resolve().then(() => act(...values));
    return 1;
};";

/// Checks the page as it is now: accessible in light and in dark colours, fit for a narrow window,
/// and nothing on it, or on those before it, that its content security policy forbids. Pictures of
/// it go to `target/browser/<name>.png`, `<name>-dark.png` and `<name>-narrow.png`.
pub(crate) fn inspect(browser: &Browser, name: &str) {
    browser.photograph(name);
    let mut found = policy_violations(browser);
    found.extend(failed_scripts(browser));
    found.extend(accessibility_violations(browser));
    prefer_colours(browser, "dark");
    browser.photograph(&format!("{name}-dark"));
    found.extend(accessibility_violations(browser).iter().map(|text| format!("dark: {text}")));
    prefer_colours(browser, "");
    found.extend(too_wide(browser).map(|text| format!("as it is: {text}")));
    narrowed(browser, true);
    browser.photograph(&format!("{name}-narrow"));
    found.extend(too_wide(browser).map(|text| format!("narrow: {text}")));
    narrowed(browser, false);
    assert!(found.is_empty(), "{name}, {}:\n{}", browser.url(), found.join("\n"));
}

/// What the pages since the last call tried although their policy forbids it. The console tells of
/// all of it, also where the page's own scripts are off; the listener knows the addresses.
pub(crate) fn policy_violations(browser: &Browser) -> Vec<String> {
    let noted = browser.run(
        "const noted = sessionStorage.getItem('violations') ?? '';
         sessionStorage.removeItem('violations');
         return noted;",
    );
    let mut found: Vec<String> = noted.as_str().unwrap().lines().map(str::to_owned).collect();
    found.extend(browser.take_from_console("Content Security Policy"));
    found
}

/// Errors of the pages' own scripts since the last call.
pub(crate) fn failed_scripts(browser: &Browser) -> Vec<String> {
    browser.take_from_console("Uncaught")
}

/// Where the page keeps people out who use it by keyboard, by ear or enlarged: WCAG 2.0 to 2.2, A
/// and AA, and what axe-core counts as good practice.
pub(crate) fn accessibility_violations(browser: &Browser) -> Vec<String> {
    let options = json!({
        "runOnly": {
            "type": "tag",
            "values": [
                "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice",
            ],
        },
        // In WCAG 2.2, but off unless it is asked for.
        "rules": { "target-size": { "enabled": true } },
        "resultTypes": ["violations", "incomplete"],
        // Reads style sheets of other sites; there are none.
        "preload": false,
    });
    // Where scripts are off, timers do not run, but promises do.
    let timers = if browser.runs_scripts() { "" } else { TIMERS_OF_PROMISES };
    let found = browser.run(&format!("{timers}\n{}\nreturn axe.run(document, {options});", axe()));
    let of = |kind: &str| found[kind].as_array().unwrap().clone();
    // Contrast that cannot be computed is as good as missing; but axe-core does not know the colours
    // of text in pictures, which the owner of a picture has to test.
    let undecided = of("incomplete").into_iter().filter(|rule| rule["id"] == "color-contrast");
    let undecided = undecided.filter_map(|mut rule| {
        let nodes = rule["nodes"].as_array_mut()?;
        nodes.retain(|node| !node["html"].as_str().unwrap().starts_with("<text "));
        (!nodes.is_empty()).then_some(rule)
    });
    of("violations").into_iter().chain(undecided).map(|rule| described(&rule)).collect()
}

fn described(violation: &Value) -> String {
    let nodes = violation["nodes"].as_array().unwrap().iter().map(|node| {
        let lines = node["failureSummary"].as_str().unwrap_or_default().lines();
        let why: Vec<&str> = lines.map(str::trim).collect();
        format!("\n    {} {}", node["html"].as_str().unwrap(), why.join(" "))
    });
    let (id, help) = (violation["id"].as_str().unwrap(), violation["help"].as_str().unwrap());
    format!("{id}: {help}{}", nodes.collect::<String>())
}

#[expect(clippy::disallowed_methods, reason = "tests are told by their environment")]
fn axe() -> &'static str {
    static AXE: OnceLock<String> = OnceLock::new();
    AXE.get_or_init(|| {
        let file = std::env::var("AXE_SCRIPT")
            .expect("AXE_SCRIPT is not set: run `cargo xtask test --only browser`");
        fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
    })
}

/// Asks for colours as a setting of the user's system does: `light`, `dark`, or as it was.
pub(crate) fn prefer_colours(browser: &Browser, scheme: &str) {
    let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
    browser.devtools("Emulation.setEmulatedMedia", &json!({ "features": [feature] }));
}

/// By how much the page is wider than its window.
pub(crate) fn too_wide(browser: &Browser) -> Option<String> {
    let widths = browser.run(
        "const page = document.documentElement;
         return [page.scrollWidth, page.clientWidth];",
    );
    let [page, window] = [0, 1].map(|index| widths[index].as_u64().unwrap());
    (page > window).then(|| format!("the page is {page} pixels wide, its window {window}"))
}

/// Makes the window as narrow as pages must bear, or as it was.
pub(crate) fn narrowed(browser: &Browser, is_narrow: bool) {
    if is_narrow {
        // A zoomed page has fewer pixels of its own.
        let width = browser.run("return devicePixelRatio;").as_f64().unwrap() * NARROW;
        let size =
            json!({ "width": width, "height": 640, "deviceScaleFactor": 0, "mobile": false });
        browser.devtools("Emulation.setDeviceMetricsOverride", &size);
    } else {
        browser.devtools("Emulation.clearDeviceMetricsOverride", &json!({}));
    }
}
