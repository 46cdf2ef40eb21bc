//! Routes: the template, the API's description and the decorator's routes say the same.

use std::collections::BTreeSet;

use add_defaults::config::Routes;
use serde_json::Value;

use crate::template::{functions, read_yaml};

/// Paths of the public API, by the template: exact ones and ones that end in `{proxy+}`.
fn public_paths() -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for function in functions() {
        for event in function.properties["Events"].as_object().into_iter().flatten() {
            let properties = &event.1["Properties"];
            if properties["ApiId"]["Ref"] == "HttpApi" {
                paths.insert(properties["Path"].as_str().unwrap().to_owned());
            }
        }
    }
    paths
}

/// `(method, path)` of every operation that is described.
fn described() -> BTreeSet<(String, String)> {
    let document = read_yaml("infra/openapi.yaml");
    let mut operations = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            operations.insert((method.to_uppercase(), path.clone()));
        }
    }
    operations
}

#[test]
fn every_described_path_is_routed_and_every_routed_path_described() {
    let routed = public_paths();
    let described: BTreeSet<String> = described().into_iter().map(|(_, path)| path).collect();
    let covers = |route: &str, path: &str| match route.strip_suffix("{proxy+}") {
        Some(prefix) => path.starts_with(prefix),
        None => route == path,
    };
    for path in &described {
        assert!(routed.iter().any(|route| covers(route, path)), "{path} is not routed");
    }
    for route in &routed {
        assert!(described.iter().any(|path| covers(route, path)), "{route} is not described");
    }
}

#[test]
fn the_decorators_routes_are_the_described_ones() {
    let lookup = |_: &str| Some("https://api.example".to_owned());
    let routes = Routes::load(add_defaults::ROUTES, &lookup).unwrap();
    let configured: BTreeSet<(String, String)> = routes
        .routes()
        .iter()
        .map(|route| route.name.split_once(' ').unwrap())
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();
    let mut decorated = described();
    decorated.retain(|(_, path)| path.starts_with("/decorated/"));
    assert_eq!(configured, decorated);
}

#[test]
fn the_description_names_statuses_with_problems_or_bodies() {
    let document = read_yaml("infra/openapi.yaml");
    let responses = document["components"]["responses"].as_object().unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(statuses) = operation["responses"].as_object() else { continue };
            for (status, response) in
                statuses.iter().filter(|(status, _)| *status >= &"400".to_owned())
            {
                let name = response["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
                let content = &responses[name]["content"];
                let is_problem = content["application/problem+json"] != Value::Null;
                assert!(is_problem, "{method} {path} {status} is no problem");
            }
        }
    }
}
