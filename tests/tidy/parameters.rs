//! Parameters: the template has them, the configurations set them, the README explains them.

use std::collections::BTreeSet;

use crate::template::{read, read_yaml};

fn declared() -> BTreeSet<String> {
    let template = read_yaml("infra/template.yaml");
    template["Parameters"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn configurations_set_parameters_that_exist() {
    let declared = declared();
    let configuration = read("infra/samconfig.toml");
    let mut lines = configuration.lines().map(str::trim);
    let mut set = 0;
    while let Some(line) = lines.by_ref().find(|line| line.starts_with("parameter_overrides")) {
        // The list may go on over several lines.
        let mut list = line.to_owned();
        while !list.ends_with(']') {
            list.push_str(lines.next().expect("the list of parameters ends"));
        }
        for setting in list.split('"').skip(1).step_by(2) {
            let name = setting.split('=').next().unwrap();
            assert!(declared.contains(name), "infra/template.yaml has no parameter {name}: {line}");
            set += 1;
        }
    }
    assert!(set > 0, "infra/samconfig.toml sets nothing");
}

#[test]
fn the_readme_explains_every_parameter() {
    let readme = read("README.md");
    let table = readme.split("| parameter |").nth(1).expect("the README has a table of parameters");
    let explained: BTreeSet<String> = table
        .lines()
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.split('|').nth(1))
        .flat_map(|names| names.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect();
    assert_eq!(explained, declared(), "parameters: README.md = infra/template.yaml");
}
