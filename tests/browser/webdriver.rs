//! `WebDriver` (<https://www.w3.org/TR/webdriver2/>) and chromedriver's additions to it, as much as
//! the tests need.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Request;

use crate::chromedriver::Chromedriver;

/// The key that marks a JSON object as an element; the standard gives it.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What the driver refuses to do, or cannot do: its code, such as `no such element`, and why.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    message: String,
}

/// A session: one browser with one window. The browser is closed when this is dropped.
#[derive(Debug)]
pub(crate) struct Session {
    agent: Agent,
    url: String,
    /// Dropped last.
    driver: Chromedriver,
}

/// An element of the page that was there when it was found.
#[derive(Debug, Clone)]
pub(crate) struct Element(String);

impl Session {
    /// Opens a browser with these options of Chromium (`goog:chromeOptions`), in a new profile.
    pub(crate) fn open(arguments: &[&str], preferences: &Value) -> Self {
        let driver = Chromedriver::start();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .proxy(None);
        let mut session = Self { agent: config.build().into(), url: driver.url(), driver };
        let profile = format!("--user-data-dir={}", session.driver.folder().display());
        let arguments: Vec<&str> = arguments.iter().copied().chain([profile.as_str()]).collect();
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments, "prefs": preferences },
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "pageLoad": 60_000, "script": 60_000 },
        });
        let wanted = json!({ "capabilities": { "alwaysMatch": wanted } });
        let opened = session
            .post("/session", &wanted)
            .unwrap_or_else(|refusal| panic!("Chromium does not start: {}", refusal.message));
        let id = opened["sessionId"].as_str().unwrap();
        session.url = format!("{}/session/{id}", session.url);
        session
    }

    /// Sends a command without content.
    pub(crate) fn get(&self, path: &str) -> Result<Value, Refusal> {
        self.send("GET", path, "")
    }

    /// Sends a command.
    pub(crate) fn post(&self, path: &str, content: &Value) -> Result<Value, Refusal> {
        self.send("POST", path, &content.to_string())
    }

    fn send(&self, method: &str, path: &str, content: &str) -> Result<Value, Refusal> {
        let url = format!("{}{path}", self.url);
        let request = Request::builder().method(method).uri(&url);
        let request = request.header("content-type", "application/json");
        let answer = self.agent.run(request.body(content.to_owned()).unwrap());
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {url}: {error}"));
        // A screenshot is longer than what is read by default.
        let body = answer.body_mut().with_config().limit(64 << 20);
        let body: Value = body.read_json().unwrap_or_else(|error| panic!("{url}: {error}"));
        let value = &body["value"];
        if answer.status().is_success() {
            return Ok(value.clone());
        }
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Err(Refusal { code: text("error"), message: text("message") })
    }

    /// The first element that a CSS selector matches.
    pub(crate) fn find(&self, selector: &str) -> Option<Element> {
        let content = json!({ "using": "css selector", "value": selector });
        match self.post("/element", &content) {
            Ok(found) => Some(Element(found[ELEMENT].as_str().unwrap().to_owned())),
            Err(refusal) if refusal.is_of_a_gone_page() => None,
            Err(refusal) => panic!("{selector}: {refusal:?}"),
        }
    }

    /// Asks about an element: `text`, `enabled`, `displayed`, `attribute/<name>`,
    /// `property/<name>`. Nothing if it is gone.
    pub(crate) fn ask(&self, element: &Element, what: &str) -> Option<Value> {
        let Element(id) = element;
        match self.get(&format!("/element/{id}/{what}")) {
            Ok(value) => Some(value),
            Err(refusal) if refusal.is_of_a_gone_page() => None,
            Err(refusal) => panic!("{what}: {refusal:?}"),
        }
    }

    /// Acts on an element: `click`, `clear`, `value` with `{"text": …}`.
    pub(crate) fn act(
        &self,
        element: &Element,
        what: &str,
        content: &Value,
    ) -> Result<(), Refusal> {
        let Element(id) = element;
        self.post(&format!("/element/{id}/{what}"), content).map(drop)
    }

    /// Sends a command of the Chrome `DevTools` Protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        let content = json!({ "cmd": command, "params": parameters });
        self.post("/goog/cdp/execute", &content)
            .unwrap_or_else(|refusal| panic!("{command}: {refusal:?}"))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The driver is killed next, and takes with it what is left.
        let _ = self.agent.delete(&self.url).call();
    }
}

impl Refusal {
    /// Whether it says no more than that another page has come in the meantime.
    pub(crate) fn is_of_a_gone_page(&self) -> bool {
        matches!(self.code.as_str(), "no such element" | "stale element reference")
            || self.message.contains("does not belong to the document")
    }
}
