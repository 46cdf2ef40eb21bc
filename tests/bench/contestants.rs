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
    let all = REQUESTS.into_iter().chain(POWERTOOLS).collect::<Vec<_>>();
    Ok(vec![
        Group {
            name: "hello",
            about: "An answer without asking anybody",
            contestants: vec![
                find.native("lambda_runtime", "hello-runtime", proxy)?,
                find.native("lambda_http", "hello-http", proxy)?,
                find.native("no async runtime", "floor", proxy)?,
                find.alone(ALONE[0], "add-defaults", "add-defaults/http-unknown-path")?,
                find.alone(ALONE[1], "widget-api", "widget-api/http-wrong-method")?,
                find.python("Python", "hello", &[], proxy)?,
                find.node("Node.js", "hello", proxy)?,
            ],
        },
        Group {
            name: "add-defaults",
            about: "The decorator: fill in defaults, call an API over TLS",
            contestants: vec![
                find.native("add-defaults", "add-defaults", proxy)?,
                find.native("bare proxy, hyper", "raw-proxy", proxy)?,
                find.python("Python, requests", "proxy", &REQUESTS, proxy)?,
                find.python("Python, Powertools", "proxy_powertools", &all, proxy)?,
                find.node("Node.js, ajv", "proxy", proxy)?,
            ],
        },
        Group {
            name: "widget-api",
            about: "The widget API: one write to DynamoDB",
            contestants: vec![
                find.native("widget-api", "widget-api", create)?,
                find.python("Python, boto3", "widgets", &[], create)?,
                find.node("Node.js, AWS SDK", "widgets", create)?,
            ],
        },
        Group {
            name: "widget-api-once",
            about: "The widget API with an idempotency key: three writes to DynamoDB",
            contestants: vec![
                find.native("widget-api", "widget-api", once)?,
                find.python("Python, Powertools, boto3", "widgets_powertools", &POWERTOOLS, once)?,
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
        // Nothing listens on the port of a service that nobody uses any more.
        let nowhere = "https://localhost:9";
        let mut contestant = self.native(name, program, event)?;
        contestant.launch =
            contestant.launch.env("WIDGETS_URL", nowhere).env("AWS_ENDPOINT_URL", nowhere);
        Ok(contestant)
    }

    fn python(
        &self,
        name: &'static str,
        module: &str,
        libraries: &[&str],
        event: &str,
    ) -> Result<Contestant> {
        let folder = root().join("tests/bench/python");
        let launch = self
            .stage
            .launch(&self.peers.python)
            .arg("-m")
            .arg("awslambdaric")
            .arg(format!("{module}.handler"))
            .env("POWERTOOLS_SERVICE_NAME", "measured")
            .folder(&folder);
        let mut parts = vec![folder.join(format!("{module}.py"))];
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

/// Keeps the groups and contestants that `only` is part of the name of; of each group the one
/// that the others are compared with, too.
pub(crate) fn keep(groups: Vec<Group>, only: Option<&str>) -> Vec<Group> {
    let Some(only) = only else { return groups };
    let is_meant = |name: &str| name.to_lowercase().contains(&only.to_lowercase());
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
