//! What the repository must not contain.

use crate::template::{files, root};

#[test]
fn sources_stay_short() {
    for path in files(&root()) {
        if path.extension().is_some_and(|extension| extension == "rs" || extension == "py") {
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines <= 400, "{} has {lines} lines", path.display());
        }
    }
}

#[test]
fn nothing_is_left_unfinished_or_bound_to_one_machine() {
    // Put together here, so that this file does not contain them.
    let marks = [
        ["TO", "DO"].concat(),
        ["FIX", "ME"].concat(),
        ["todo", "!("].concat(),
        ["unimplemented", "!("].concat(),
        ["#[", "ignore"].concat(),
        ["/root", "/"].concat(),
        ["/home", "/"].concat(),
    ];
    for path in files(&root()) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if path.ends_with("Cargo.lock") {
            continue;
        }
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{} contains {mark}", path.display());
        }
    }
}
