//! Runs as flowcharts in Mermaid, for tickets and documents.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::view::{StepView, View};
use crate::words;

/// How each place looks: as on the page, in colours that are read on light and on dark.
const LOOKS: [(&str, &str); 9] = [
    ("active", "fill:#d3e3fd,stroke:#0b57d0,color:#062e6f"),
    ("blocked", "fill:#ececf0,stroke:#767680,color:#33333a"),
    ("done", "fill:#c4eed0,stroke:#146c2e,color:#072711"),
    ("failed", "fill:#f9dedc,stroke:#b3261e,color:#410e0b"),
    ("pending", "fill:#ececf0,stroke:#767680,color:#33333a"),
    ("ready", "fill:#d3e3fd,stroke:#0b57d0,color:#062e6f"),
    ("skipped", "fill:#ececf0,stroke:#767680,color:#33333a"),
    ("unreachable", "fill:#ececf0,stroke:#767680,color:#33333a"),
    ("waiting", "fill:#ffdcc2,stroke:#8a4b00,color:#2e1500"),
];

/// A flowchart of a run. Of an unknown pipeline it has the steps, and no arrows between them.
#[must_use]
pub(crate) fn flowchart(view: &View) -> String {
    let mut chart = String::from("flowchart LR\n");
    let title = format!("{}: {}", view.pipeline, view.state.word());
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(chart, "  subgraph run[\"{}\"]\n    direction LR", escaped(&title));
    for (at, step) in view.steps.iter().enumerate() {
        let _ = writeln!(chart, "    s{at}[\"{}\"]", label(step));
    }
    for edge in &view.edges {
        let arrow = if edge.is_for_failure { "-. if it fails .->" } else { "-->" };
        let _ = writeln!(chart, "    s{} {arrow} s{}", edge.from, edge.to);
    }
    chart.push_str("  end\n");
    let mut classes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (at, step) in view.steps.iter().enumerate() {
        classes.entry(step.place).or_default().push(format!("s{at}"));
        if step.rule.as_ref().is_some_and(|rule| !rule.required) {
            classes.entry("optional").or_default().push(format!("s{at}"));
        }
    }
    for (class, members) in &classes {
        let look = LOOKS.iter().find(|(name, _)| name == class);
        let look = look.map_or("stroke-dasharray:5 3", |(_, look)| look);
        let _ = writeln!(chart, "  classDef {class} {look}");
        let _ = writeln!(chart, "  class {} {class}", members.join(","));
    }
    chart
}

/// Name, rule and place of a step, a line each.
fn label(step: &StepView) -> String {
    let lines = [Some(step.name.to_string()), words::rule(step), Some(words::place(step))];
    let lines: Vec<String> = lines.into_iter().flatten().map(|line| escaped(&line)).collect();
    lines.join("<br>")
}

/// A text that is taken for nothing else between quotes: everything but letters, digits, spaces
/// and a few signs is written as Mermaid's entity of its code point.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() => escaped.push(' '),
            c if c.is_alphanumeric() || " -,.:_/".contains(c) => escaped.push(c),
            c => {
                let _ = write!(escaped, "#{};", u32::from(c));
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_could_end_a_label_or_begin_markup_is_escaped() {
        assert_eq!(escaped("a \"b\"\n<c>&#d;`"), "a #34;b#34; #60;c#62;#38;#35;d#59;#96;");
        assert_eq!(escaped("email-user, Ünal: 3"), "email-user, Ünal: 3");
    }

    proptest! {
        #[test]
        fn no_text_leaves_its_quotes_or_its_line(text in ".{0,60}") {
            let escaped = escaped(&text);
            let is_quiet = |c: char| !"\"<>&`[]{}()|%".contains(c) && !c.is_control();
            prop_assert!(escaped.chars().all(is_quiet), "{}", escaped);
            let entities = escaped.split('#').skip(1).all(|rest| {
                rest.split_once(';').is_some_and(|(digits, _)| digits.parse::<u32>().is_ok())
            });
            prop_assert!(entities, "{}", escaped);
        }
    }
}
