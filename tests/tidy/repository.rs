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
    let checkout = root().display().to_string();
    for path in files(&root()) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if path.ends_with("Cargo.lock") {
            continue;
        }
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{} contains {mark}", path.display());
        }
        assert!(!names(&text, &checkout), "{} contains {checkout}", path.display());
    }
}

/// Whether a path stands in a text by itself, and not as a part of a longer one.
fn names(text: &str, path: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || "._-".contains(c);
    text.match_indices(path).any(|(at, _)| {
        !text[..at].ends_with(is_part) && !text[at + path.len()..].starts_with(is_part)
    })
}

/// Names that stand between two `@`.
fn placeholders(text: &str) -> Vec<&str> {
    let pieces: Vec<&str> = text.split('@').collect();
    let inner = pieces.get(1..pieces.len() - 1).unwrap_or_default();
    let is_name = |piece: &&&str| {
        piece.len() > 1
            && piece.starts_with(|c: char| c.is_ascii_uppercase())
            && piece.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    };
    inner.iter().filter(is_name).copied().collect()
}

#[test]
fn no_document_has_a_gap_left_to_fill() {
    let mark = ["@", "A_NUMBER", "@"].concat();
    assert_eq!(placeholders(&format!("a@b.example, {mark}")), ["A_NUMBER"]);
    let gaps: Vec<String> = files(&root())
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .flat_map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let found = placeholders(&text);
            found.iter().map(|name| format!("{}: {name}", path.display())).collect::<Vec<_>>()
        })
        .collect();
    assert!(gaps.is_empty(), "left to fill: {gaps:#?}");
}

#[test]
fn a_path_is_found_by_itself_only() {
    assert!(names("cd /src; ls", "/src") && names("\"/src/lib.rs\"", "/src"));
    assert!(!names("functions/common/src/lib.rs ../src /src2", "/src"));
}
