//! The stack behind the pages: its users, the texts it sends, and the switch that stops them.

use std::panic::{catch_unwind, resume_unwind};
use std::sync::{LazyLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::thread::panicking;

use aws_sdk_dynamodb::types::AttributeValue;
use common::aws::{AwsConfig, dynamodb};
use common::client::Client;
use common::config::Variables;
use common::idempotency::EffectId;
use serde_json::{Value, json};
use ureq::Agent;

use crate::poll;

/// Where the public API is found by its own name, below the address of the local AWS.
const HOST: &str = "faaspatternshttpapi.execute-api.localhost";
/// Password of every user of these tests.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A variable of the stack under test.
#[expect(clippy::disallowed_methods, reason = "tests are told by their environment where to call")]
pub(crate) fn variable(name: &str) -> String {
    let hint = "run `cargo xtask test --only browser`";
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: {hint}"))
}

/// The address of a page, such as `/login`.
pub(crate) fn page(path: &str) -> String {
    let endpoint = variable("AWS_ENDPOINT_URL");
    let (_, port) = endpoint.rsplit_once(':').unwrap();
    format!("http://{HOST}:{}{path}", port.trim_end_matches('/'))
}

/// Someone who can sign in.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) phone: String,
}

impl User {
    /// A new one, with a phone of their own that gets every text.
    pub(crate) fn new() -> Self {
        let number = u64::from_str_radix(&random()[..8], 16).unwrap() % 1_000_000;
        Self::with_phone(&format!("+15552{number:06}"))
    }

    /// A new one with this phone.
    pub(crate) fn with_phone(phone: &str) -> Self {
        static HASH: LazyLock<String> = LazyLock::new(|| common::password::hash(PASSWORD).unwrap());
        let user = Self { name: format!("ada-{}", random()), phone: phone.to_owned() };
        let fields = [
            ("pk", format!("user#{}", user.name)),
            ("username", user.name.clone()),
            ("password", HASH.clone()),
            ("phone", user.phone.clone()),
            ("locale", "en".to_owned()),
            ("created_at", "2026-03-01T09:30:00.000Z".to_owned()),
        ];
        let item = fields.map(|(name, value)| (name.to_owned(), AttributeValue::S(value)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let config = AwsConfig::read(Variables::from_env()).unwrap();
            let client = dynamodb(&config, &Client::new().unwrap()).await;
            let tables = client.list_tables().send().await.unwrap();
            let table = tables.table_names().iter().find(|name| name.contains("UsersTable"));
            let put = client.put_item().table_name(table.expect("the stack has the table"));
            put.set_item(Some(item.into())).send().await.unwrap();
        });
        user
    }

    /// The texts they have received, in their order.
    pub(crate) fn texts(&self) -> Vec<String> {
        let phone = self.phone.replace('+', "%2B");
        let sent = call("GET", &format!("/_ministack/sns/sms-messages?phoneNumber={phone}"), "");
        let texts = sent["sms_messages"][&self.phone].as_array().cloned().unwrap_or_default();
        texts.iter().map(|text| text["Message"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits for the text of this number, counted from one; answers the code in it.
    pub(crate) fn code(&self, number: usize) -> String {
        let text = poll::until(&format!("text {number} is sent"), || {
            self.texts().get(number - 1).cloned()
        });
        let code = text.rsplit_once('#').map(|(_, code)| code.trim().to_owned());
        code.unwrap_or_else(|| panic!("the last line has no code: {text}"))
    }
}

fn random() -> String {
    EffectId::random().unwrap().to_string()
}

static TEXTING: RwLock<()> = RwLock::new(());

/// Codes are texted as long as this is held.
pub(crate) fn texting() -> RwLockReadGuard<'static, ()> {
    TEXTING.read().unwrap_or_else(PoisonError::into_inner)
}

/// Requested codes wait as long as this is held.
#[derive(Debug)]
pub(crate) struct Paused {
    _alone: RwLockWriteGuard<'static, ()>,
}

impl Paused {
    /// Stops texting, once nobody relies on it.
    pub(crate) fn new() -> Self {
        let paused = Self { _alone: TEXTING.write().unwrap_or_else(PoisonError::into_inner) };
        enable_texting(false);
        paused
    }
}

impl Drop for Paused {
    fn drop(&mut self) {
        // A panic while another one unwinds would hide it.
        if let Err(panic) = catch_unwind(|| enable_texting(true))
            && !panicking()
        {
            resume_unwind(panic);
        }
    }
}

/// Switches the event source mapping between the queue of codes and the function.
fn enable_texting(is_on: bool) {
    let mappings = call("GET", "/2015-03-31/event-source-mappings/", "");
    let texts = |mapping: &&Value| {
        mapping["FunctionArn"].as_str().is_some_and(|name| name.contains("TwoFactorFunction"))
    };
    let mapping = mappings["EventSourceMappings"].as_array().and_then(|all| all.iter().find(texts));
    let mapping = mapping.unwrap_or_else(|| panic!("nothing takes codes to text: {mappings}"));
    let path = format!("/2015-03-31/event-source-mappings/{}", mapping["UUID"].as_str().unwrap());
    call("PUT", &path, &json!({ "Enabled": is_on }).to_string());
    let wanted = if is_on { "Enabled" } else { "Disabled" };
    poll::until(&format!("the mapping is {wanted}"), || {
        (call("GET", &path, "")["State"] == wanted).then_some(())
    });
}

/// The local AWS wants calls to be signed, but does not check by whom.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=test/20260301/us-east-1/lambda/aws4_request, \
                      SignedHeaders=host, Signature=0";

/// Calls the local AWS, or MiniStack's own addresses.
fn call(method: &str, path: &str, body: &str) -> Value {
    let config = Agent::config_builder().http_status_as_error(false).proxy(None);
    let agent: Agent = config.build().into();
    let url = format!("{}{path}", variable("AWS_ENDPOINT_URL"));
    let request = ureq::http::Request::builder().method(method).uri(&url);
    let request = request.header("authorization", SIGNED);
    let answer = agent.run(request.body(body.to_owned()).unwrap());
    let mut answer = answer.unwrap_or_else(|error| panic!("{method} {url}: {error}"));
    let text = answer.body_mut().read_to_string().unwrap();
    assert!(answer.status().is_success(), "{method} {url}: {}: {text}", answer.status());
    serde_json::from_str(&text).unwrap()
}
