//! Documents that must follow the code.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::template::{files, read, root};

fn markdown() -> Vec<PathBuf> {
    let is_markdown = |path: &PathBuf| path.extension().is_some_and(|e| e == "md");
    files(&root()).into_iter().filter(is_markdown).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut checked = 0;
    for document in markdown() {
        let text = read(&document);
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap();
            let path = target.split('#').next().unwrap();
            if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
                continue;
            }
            let target = document.parent().unwrap().join(path);
            assert!(target.exists(), "{}: {path} does not exist", document.display());
            checked += 1;
        }
    }
    assert!(checked > 0, "no links found");
}

/// What stands in the quotes that a text starts with.
fn quoted(text: &str) -> Option<String> {
    Some(text.strip_prefix('"')?.split('"').next()?.to_owned())
}

/// The kinds that code makes problems of, tests and examples left out.
fn kinds_in_code() -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    for file in files(&root().join("functions")) {
        let is_source = file.components().any(|part| part.as_os_str() == "src")
            && file.extension().is_some_and(|extension| extension == "rs");
        if !is_source {
            continue;
        }
        let text = read(&file);
        let code = text.split("#[cfg(test)]").next().unwrap();
        let code: String = code.lines().filter(|line| !line.trim().starts_with("//")).collect();
        for (at, _) in code.match_indices("StatusCode::") {
            let rest = &code[at..];
            let after = rest.split_once(',').map(|(_, after)| after.trim_start());
            kinds.extend(after.and_then(quoted));
        }
        // Functions that make problems of several kinds, and what they are called with.
        for (at, _) in code.match_indices("(kind: ").chain(code.match_indices("(    kind: ")) {
            let name = code[..at].rsplit("fn ").next().unwrap();
            let call = format!("{name}(");
            let calls = code.split(call.as_str()).skip(1);
            kinds.extend(calls.filter_map(|arguments| quoted(arguments.trim_start())));
        }
    }
    kinds
}

#[test]
fn every_kind_of_problem_is_documented() {
    let table = read("infra/problems.md");
    let documented: BTreeSet<String> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .map(|line| line.split('`').next().unwrap().to_owned())
        .collect();
    assert_eq!(documented, kinds_in_code(), "documented = in code");
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    let document = read("ARCHITECTURE.md");
    let all: String = files(&root())
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs" || e == "py"))
        .map(read)
        .collect();
    let mut named = 0;
    let invariants = document.lines().filter(|line| line.starts_with("| I"));
    for line in invariants {
        let tests = line.rsplit('|').nth(1).unwrap();
        for test in tests.split('`').skip(1).step_by(2) {
            let name = test.rsplit("::").next().unwrap();
            let is_there =
                all.contains(&format!("fn {name}(")) || all.contains(&format!("def {name}("));
            assert!(is_there, "there is no test {name}: {line}");
            named += 1;
        }
    }
    assert!(named >= 10, "only {named} tests are named");
}
