//! Who is measured against whom.

use std::path::{Path, PathBuf};

use ::tests::files::{self, root};
use ::tests::function::Launch;
use ::tests::package::zip_size_of_all;
use ::tests::stage::Stage;
use anyhow::{Context as _, Result};

use crate::peers::Peers;

/// Contestants that do the same work. The first is what the others are compared with.
pub(crate) struct Group {
    /// What `--only` calls it.
    pub(crate) name: &'static str,
    /// The work.
    pub(crate) about: &'static str,
    /// One of so many warm invocations is made: more than 1 where each takes long.
    pub(crate) every: u64,
    pub(crate) contestants: Vec<Contestant>,
}

/// A program and what it is given.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) launch: Launch,
    pub(crate) event: Vec<u8>,
    /// Bytes of its package.
    pub(crate) zip: usize,
    /// Whether counting its instructions says anything: not for interpreters, which compile.
    pub(crate) is_native: bool,
}

/// Our functions where nothing answers what they open while they start. They refuse what they are
/// asked, so that the cost of TLS and of services is left out.
pub(crate) const ALONE: [&str; 2] = ["add-defaults, alone", "widget-api, alone"];

/// Libraries that a Python function has to bring. Lambda's own runtime has boto3.
const REQUESTS: [&str; 5] = ["requests", "urllib3", "certifi", "idna", "charset_normalizer"];
const POWERTOOLS: [&str; 4] =
    ["aws_lambda_powertools", "fastjsonschema", "jmespath", "typing_extensions.py"];

/// All groups.
///
/// # Errors
/// When a file is missing.
pub(crate) fn all(stage: &Stage, peers: &Peers) -> Result<Vec<Group>> {
    let find = Find { stage, peers };
    let proxy = "add-defaults/http-empty-object";
    let create = "widget-api/http-create";
    let once = "widget-api/http-create-idempotent";
    let code = "two-factor/sqs-code-requested";
    let all = REQUESTS.into_iter().chain(POWERTOOLS).collect::<Vec<_>>();
    Ok(vec![
        Group {
            name: "hello",
            about: "An answer without asking anybody",
            every: 1,
            contestants: vec![
                find.native("lambda_runtime", "hello-runtime", proxy)?,
                find.native("lambda_http", "hello-http", proxy)?,
                find.native("no async runtime", "floor", proxy)?,
                find.alone(ALONE[0], "add-defaults", "add-defaults/http-unknown-path")?,
                find.alone(ALONE[1], "widget-api", "widget-api/http-wrong-method")?,
                find.python("Python", &["hello"], &[], proxy)?,
                find.node("Node.js", "hello", proxy)?,
            ],
        },
        Group {
            name: "add-defaults",
            about: "The decorator: fill in defaults, call an API over TLS",
            every: 1,
            contestants: vec![
                find.native("add-defaults", "add-defaults", proxy)?,
                find.native("bare proxy, hyper", "raw-proxy", proxy)?,
                find.python("Python, requests", &["proxy"], &REQUESTS, proxy)?,
                find.python("Python, Powertools", &["proxy_powertools"], &all, proxy)?,
                find.node("Node.js, ajv", "proxy", proxy)?,
            ],
        },
        Group {
            name: "widget-api",
            about: "The widget API: one write to DynamoDB",
            every: 1,
            contestants: vec![
                find.native("widget-api", "widget-api", create)?,
                find.python("Python, boto3", &["widgets"], &[], create)?,
                find.node("Node.js, AWS SDK", "widgets", create)?,
            ],
        },
        Group {
            name: "widget-api-once",
            about: "The widget API with an idempotency key: three writes to DynamoDB",
            every: 1,
            contestants: vec![
                find.native("widget-api", "widget-api", once)?,
                find.python(
                    "Python, Powertools, boto3",
                    &["widgets_powertools"],
                    &POWERTOOLS,
                    once,
                )?,
            ],
        },
        Group {
            name: "login-page",
            about: "The sign-in page",
            every: 1,
            contestants: vec![
                find.native("login", "login", "login/http-page")?,
                find.python("Python, boto3", &["login"], &[], "login/http-page")?,
            ],
        },
        Group {
            name: "login-start",
            about: "Starting a sign-in: the password (Argon2id, 19 MiB) and the request for a code",
            every: 25,
            contestants: vec![find.native("login", "login", "login/http-sign-in")?],
        },
        Group {
            name: "login-code",
            about: "Checking a code: an update and a transaction in DynamoDB",
            every: 1,
            contestants: vec![
                find.native("login", "login", "login/http-code")?,
                find.python("Python, boto3", &["login"], &[], "login/http-code")?,
            ],
        },
        Group {
            name: "login-session",
            about: "Checking a session: one read of DynamoDB",
            every: 1,
            contestants: vec![
                find.native("login", "login", "login/http-me")?,
                find.python("Python, boto3", &["login"], &[], "login/http-me")?,
            ],
        },
        Group {
            name: "two-factor",
            about: "One code from a queue: a read, a transaction and an update in DynamoDB, a text",
            every: 1,
            contestants: vec![
                find.native("two-factor", "two-factor", code)?,
                find.python("Python, boto3", &["two_factor"], &[], code)?,
                find.python(
                    "Python, Powertools, boto3",
                    &["two_factor_powertools", "two_factor"],
                    &POWERTOOLS,
                    code,
                )?,
            ],
        },
    ])
}

struct Find<'a> {
    stage: &'a Stage,
    peers: &'a Peers,
}

impl Find<'_> {
    fn native(&self, name: &'static str, program: &str, event: &str) -> Result<Contestant> {
        let path = self.peers.native.get(program).with_context(|| format!("no {program}"))?;
        let launch = self.stage.launch(path);
        self.contestant(name, launch, event, &[path], true)
    }

    fn alone(&self, name: &'static str, program: &str, event: &str) -> Result<Contestant> {
        let mut contestant = self.native(name, program, event)?;
        contestant.launch = self.stage.launch_alone(&contestant.launch.program);
        Ok(contestant)
    }

    /// The first of the modules has the handler.
    fn python(
        &self,
        name: &'static str,
        modules: &[&str],
        libraries: &[&str],
        event: &str,
    ) -> Result<Contestant> {
        let folder = root().join("tests/bench/python");
        let launch = self
            .stage
            .launch(&self.peers.python)
            .arg("-m")
            .arg("awslambdaric")
            .arg(format!("{}.handler", modules.first().unwrap_or(&"hello")))
            .env("POWERTOOLS_SERVICE_NAME", "measured")
            .folder(&folder);
        let files = modules.iter().map(|module| folder.join(format!("{module}.py")));
        let mut parts: Vec<PathBuf> = files.collect();
        parts.extend(libraries.iter().map(|library| self.peers.python_libraries.join(library)));
        self.contestant(name, launch, event, &parts, false)
    }

    fn node(&self, name: &'static str, module: &str, event: &str) -> Result<Contestant> {
        let script = self.peers.node_bundles.join(format!("{module}.mjs"));
        let launch = self.stage.launch(&self.peers.node).arg(&script).folder(root());
        self.contestant(name, launch, event, &[script], false)
    }

    fn contestant(
        &self,
        name: &'static str,
        launch: Launch,
        event: &str,
        parts: &[impl AsRef<Path>],
        is_native: bool,
    ) -> Result<Contestant> {
        let zip = zip_size_of_all(parts.iter().map(AsRef::as_ref))?;
        Ok(Contestant { name, launch, event: files::event(event)?, zip, is_native })
    }
}

/// Keeps the groups and contestants whose names contain one of the words of `only`, which commas
/// separate; of each group the one that the others are compared with, too.
pub(crate) fn keep(groups: Vec<Group>, only: Option<&str>) -> Vec<Group> {
    let Some(only) = only else { return groups };
    let only = only.to_lowercase();
    let is_meant = |name: &str| only.split(',').any(|word| name.to_lowercase().contains(word));
    groups
        .into_iter()
        .filter_map(|mut group| {
            if is_meant(group.name) {
                return Some(group);
            }
            let mut seen = 0;
            group.contestants.retain(|contestant| {
                seen += 1;
                seen == 1 || is_meant(contestant.name)
            });
            let is_base_meant = is_meant(group.contestants.first()?.name);
            (is_base_meant || group.contestants.len() > 1).then_some(group)
        })
        .collect()
}

/// Where results go.
pub(crate) fn folder() -> PathBuf {
    root().join("target/bench")
}
