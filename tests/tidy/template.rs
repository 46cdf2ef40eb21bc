//! The SAM template as a value, with CloudFormation's tags as the functions they stand for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::{Value, json};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Reads a file of the repository.
pub(crate) fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Reads a YAML file of the repository.
pub(crate) fn read_yaml(path: &str) -> Value {
    let text = read(path);
    let documents = Yaml::load_from_str(&text).unwrap();
    to_json(&documents[0])
}

/// `!Ref X` becomes `{"Ref": "X"}`, `!Sub x` becomes `{"Fn::Sub": "x"}` and so on.
fn to_json(yaml: &Yaml<'_>) -> Value {
    if let Yaml::Tagged(tag, inner) = yaml {
        let name = match tag.suffix.as_ref() {
            "Ref" => "Ref".to_owned(),
            name => format!("Fn::{name}"),
        };
        return json!({ name: to_json(inner) });
    }
    if let Some(sequence) = yaml.as_sequence() {
        return sequence.iter().map(to_json).collect();
    }
    if let Some(mapping) = yaml.as_mapping() {
        let key = |yaml: &Yaml<'_>| match to_json(yaml) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        return Value::Object(mapping.iter().map(|(k, v)| (key(k), to_json(v))).collect());
    }
    if let Some(text) = yaml.as_str() {
        return json!(text);
    }
    if let Some(number) = yaml.as_integer() {
        return json!(number);
    }
    yaml.as_bool().map_or(Value::Null, |flag| json!(flag))
}

/// A function of the template.
#[derive(Debug)]
pub(crate) struct Function {
    /// Its name in the template.
    pub(crate) id: String,
    /// Its binary, which is also its crate and the name of its folder.
    pub(crate) binary: String,
    /// The folder of its crate.
    pub(crate) folder: PathBuf,
    /// Its properties.
    pub(crate) properties: Value,
}

/// All resources, by their names.
pub(crate) fn resources() -> BTreeMap<String, Value> {
    let template = read_yaml("infra/template.yaml");
    serde_json::from_value(template["Resources"].clone()).unwrap()
}

/// All functions.
pub(crate) fn functions() -> Vec<Function> {
    let functions: Vec<Function> = resources()
        .into_iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::Serverless::Function")
        .map(|(id, resource)| {
            let uri = resource["Properties"]["CodeUri"].as_str().unwrap();
            let binary = resource["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap();
            Function {
                binary: binary.to_owned(),
                folder: root().join("infra").join(uri).canonicalize().unwrap(),
                properties: resource["Properties"].clone(),
                id,
            }
        })
        .collect();
    assert!(!functions.is_empty());
    functions
}

/// All files below a folder of the repository that git knows, by their paths.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let listed = std::process::Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(listed.status.success(), "git ls-files failed");
    let names = String::from_utf8(listed.stdout).unwrap();
    let paths = names.split('\0').filter(|name| !name.is_empty()).map(|name| folder.join(name));
    paths.filter(|path| path.is_file()).collect()
}

/// The Rust sources of a folder, put together, with the first argument of each call on its line.
pub(crate) fn sources(folder: &Path) -> String {
    let rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    let mut whole = String::new();
    for source in files(folder).into_iter().filter(rust).map(read) {
        for line in source.split_inclusive('\n') {
            let line = if whole.ends_with('(') { line.trim_start() } else { line };
            whole.push_str(line);
            if whole.ends_with("(\n") {
                whole.pop();
            }
        }
    }
    whole
}
