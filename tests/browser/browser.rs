//! A browser, in the words of its user.

use std::cell::RefCell;
use std::fs;
use std::thread::{self, panicking};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tests::files::root;

use crate::poll;
use crate::webdriver::{Element, Refusal, Session};

const ARGUMENTS: [&str; 14] = [
    "--headless=new",
    // It needs rights that containers and CI machines do not give; the pages are our own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
    // Nothing but this machine is called.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
];
/// Notes each violation of a page's content security policy, over all pages of a site.
const LISTENER: &str = "addEventListener('securitypolicyviolation', event => {
    const earlier = sessionStorage.getItem('violations') ?? '';
    const text = `${event.violatedDirective} forbids ${event.blockedURI} on ${event.documentURI}`;
    sessionStorage.setItem('violations', earlier + text + '\\n');
});";

/// Keys, as `WebDriver` numbers them.
pub(crate) const TAB: char = '\u{E004}';
pub(crate) const ENTER: char = '\u{E007}';
pub(crate) const CONTROL: char = '\u{E009}';

/// A browser with one window. It is closed when this is dropped.
#[derive(Debug)]
pub(crate) struct Browser {
    session: Session,
    runs_scripts: bool,
    /// Read from the driver, which tells each message once, and not yet taken.
    console: RefCell<Vec<String>>,
}

impl Browser {
    /// As most people have it.
    pub(crate) fn new() -> Self {
        Self::open(&json!({}), true)
    }

    /// One that runs no scripts.
    pub(crate) fn without_scripts() -> Self {
        Self::open(
            &json!({ "profile": { "managed_default_content_settings": { "javascript": 2 } } }),
            false,
        )
    }

    /// One whose user has set the zoom to 200 %.
    pub(crate) fn zoomed() -> Self {
        // Chromium writes zoom as a power of 1.2.
        let level = 2_f64.ln() / 1.2_f64.ln();
        Self::open(&json!({ "partition": { "default_zoom_level": { "x": level } } }), true)
    }

    fn open(preferences: &Value, runs_scripts: bool) -> Self {
        let session = Session::open(&ARGUMENTS, preferences);
        let browser = Self { session, runs_scripts, console: RefCell::default() };
        let listener = json!({ "source": LISTENER });
        browser.session.devtools("Page.addScriptToEvaluateOnNewDocument", &listener);
        browser
    }

    /// Whether pages may run scripts. The tests' own run in any case ([`Browser::run`]).
    pub(crate) const fn runs_scripts(&self) -> bool {
        self.runs_scripts
    }

    /// Opens an address, as if typed.
    pub(crate) fn visit(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        self.get("/url").as_str().unwrap().to_owned()
    }

    /// The button that goes back.
    pub(crate) fn back(&self) {
        self.post("/back", &json!({}));
    }

    /// The cookies of the page.
    pub(crate) fn cookies(&self) -> Vec<Value> {
        self.get("/cookie").as_array().unwrap().clone()
    }

    /// The page's source as it is now.
    pub(crate) fn source(&self) -> String {
        self.get("/source").as_str().unwrap().to_owned()
    }

    /// What a user reads in an element; nothing if it is not there or not shown.
    pub(crate) fn text(&self, selector: &str) -> Option<String> {
        let element = self.session.find(selector)?;
        let is_shown = self.session.ask(&element, "displayed")? == true;
        let text = self.session.ask(&element, "text")?.as_str()?.to_owned();
        is_shown.then_some(text)
    }

    /// An attribute of an element; nothing if one of them is not there.
    pub(crate) fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        self.ask(selector, &format!("attribute/{name}"))?.as_str().map(str::to_owned)
    }

    /// What stands in a field.
    pub(crate) fn value(&self, selector: &str) -> Option<String> {
        self.ask(selector, "property/value")?.as_str().map(str::to_owned)
    }

    /// Whether there is such a control, and it can be used.
    pub(crate) fn is_enabled(&self, selector: &str) -> bool {
        self.ask(selector, "enabled").is_some_and(|enabled| enabled == true)
    }

    fn ask(&self, selector: &str, what: &str) -> Option<Value> {
        let element = self.session.find(selector)?;
        self.session.ask(&element, what)
    }

    /// Waits until an element is shown; answers what it says.
    pub(crate) fn wait_for(&self, selector: &str) -> String {
        poll::until(&format!("{selector} is shown at {}", self.url()), || self.text(selector))
    }

    /// Clicks on an element once it is shown, in the middle of the window: at its edge, a zoomed page
    /// is hit half a pixel beside what was meant.
    pub(crate) fn click(&self, selector: &str) {
        const CENTRE: &str =
            "document.querySelector(arguments[0])?.scrollIntoView({block:'center'})";
        self.on(selector, |element| {
            let centre = json!({ "script": CENTRE, "args": [selector] });
            self.session.post("/execute/sync", &centre)?;
            self.session.act(element, "click", &json!({}))
        });
    }

    /// Fills a field in, in place of what is in it.
    pub(crate) fn fill(&self, selector: &str, text: &str) {
        self.on(selector, |element| {
            self.session.act(element, "clear", &json!({}))?;
            self.session.act(element, "value", &json!({ "text": text }))
        });
    }

    fn on(&self, selector: &str, act: impl Fn(&Element) -> Result<(), Refusal>) {
        poll::until(&format!("{selector} can be used at {}", self.url()), || {
            match act(&self.session.find(selector)?) {
                Ok(()) => Some(()),
                Err(refusal) if refusal.is_of_a_gone_page() => None,
                Err(refusal) if refusal.code == "element not interactable" => None,
                Err(refusal) => panic!("{selector}: {refusal:?}"),
            }
        });
    }

    /// Presses keys one after the other, wherever the focus is.
    pub(crate) fn press(&self, keys: &str) {
        let key = |what: &str, key: char| json!({ "type": what, "value": key.to_string() });
        let presses = keys.chars().flat_map(|c| [key("keyDown", c), key("keyUp", c)]);
        self.keys(&presses.collect());
    }

    /// Presses a key while Control is held down.
    pub(crate) fn press_with_control(&self, letter: char) {
        let key = |what: &str, key: char| json!({ "type": what, "value": key.to_string() });
        self.keys(&json!([
            key("keyDown", CONTROL),
            key("keyDown", letter),
            key("keyUp", letter),
            key("keyUp", CONTROL)
        ]));
    }

    fn keys(&self, presses: &Value) {
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": presses });
        self.post("/actions", &json!({ "actions": [keyboard] }));
    }

    /// Runs the body of a function in the page and answers what it returns, or what the promise it
    /// returns becomes.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Takes from the browser's console the messages that contain a text.
    pub(crate) fn take_from_console(&self, text: &str) -> Vec<String> {
        let mut console = self.console.borrow_mut();
        let new = self.post("/se/log", &json!({ "type": "browser" }));
        let new = new.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap());
        console.extend(new.map(str::to_owned));
        console.extract_if(.., |message| message.contains(text)).collect()
    }

    /// Sends a command of the Chrome `DevTools` Protocol.
    pub(crate) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.session.devtools(command, parameters)
    }

    /// Saves a picture of what is seen in `target/browser`.
    pub(crate) fn photograph(&self, name: &str) {
        let picture = STANDARD.decode(self.get("/screenshot").as_str().unwrap()).unwrap();
        save(&format!("{name}.png"), &picture);
    }

    fn get(&self, path: &str) -> Value {
        self.session.get(path).unwrap_or_else(|refusal| panic!("{path}: {refusal:?}"))
    }

    fn post(&self, path: &str, content: &Value) -> Value {
        self.session.post(path, content).unwrap_or_else(|refusal| panic!("{path}: {refusal:?}"))
    }
}

impl Drop for Browser {
    /// Saves the page that a test failed on, named after the test.
    fn drop(&mut self) {
        if panicking()
            && let Ok(source) = self.session.get("/source")
            && let Ok(url) = self.session.get("/url")
        {
            let test = thread::current().name().unwrap_or("test").replace("::", "-");
            save(
                &format!("failed-{test}.html"),
                format!("<!-- {url} -->\n{}", source.as_str().unwrap_or_default()).as_bytes(),
            );
        }
    }
}

fn save(name: &str, content: &[u8]) {
    let folder = root().join("target/browser");
    // Pictures help to understand a failure; they do not cause one.
    let _ = fs::create_dir_all(&folder).and_then(|()| fs::write(folder.join(name), content));
}
