//! A picture of the results: bars on a logarithmic scale, as starts differ by a factor of hundreds.

use std::fmt::Write as _;

use crate::contestants::Group;
use crate::measure::Figures;
use crate::report::short;

const WIDTH: f64 = 860.0;
const LABELS: f64 = 210.0;
const VALUES: f64 = 130.0;
const ROW: f64 = 20.0;
const BAR: f64 = 13.0;
const HEAD: f64 = 34.0;
/// The shortest value that still has a bar, in milliseconds.
const SHORTEST: f64 = 0.02;

/// A bar's measure: what it is called, its value in milliseconds, and its colour.
type Measure = (&'static str, fn(&Figures) -> f64, &'static str);
const MEASURES: [Measure; 2] = [
    ("start + first invocation", |f| f.cold * 1e3, "#2a6f97"),
    ("warm invocation", |f| f.warm * 1e3, "#e09f3e"),
];

/// An SVG with two bars a contestant.
pub(crate) fn svg(groups: &[Group], figures: &[Vec<Figures>]) -> String {
    let longest = figures
        .iter()
        .flatten()
        .flat_map(|f| MEASURES.map(|(_, value, _)| value(f)))
        .fold(1.0, f64::max);
    let scale = |milliseconds: f64| {
        let share = (milliseconds / SHORTEST).ln() / (longest / SHORTEST).ln();
        (WIDTH - LABELS - VALUES) * share.clamp(0.002, 1.0)
    };
    let mut body = String::new();
    let mut y = 12.0;
    for (at, (name, _, colour)) in (0_u8..).zip(MEASURES) {
        let x = LABELS + f64::from(at) * 220.0;
        let _ = writeln!(
            body,
            "<rect x=\"{x}\" y=\"{y}\" width=\"12\" height=\"12\" fill=\"{colour}\"/>\
             <text x=\"{}\" y=\"{}\">{name}</text>",
            x + 18.0,
            y + 10.0
        );
    }
    y += 16.0;
    for (group, figures) in groups.iter().zip(figures) {
        y += HEAD;
        let _ = writeln!(
            body,
            "<text x=\"8\" y=\"{}\" font-weight=\"bold\">{}</text>",
            y - 12.0,
            escape(group.about)
        );
        for (contestant, own) in group.contestants.iter().zip(figures) {
            let name = escape(contestant.name);
            let _ = writeln!(body, "<text x=\"8\" y=\"{}\">{name}</text>", y + ROW);
            for (_, value, colour) in MEASURES {
                let ratio = figures.first().map_or(f64::NAN, |base| value(own) / value(base));
                let bar = scale(value(own));
                let _ = writeln!(
                    body,
                    "<rect x=\"{LABELS}\" y=\"{y}\" width=\"{bar:.1}\" height=\"{BAR}\" \
                     fill=\"{colour}\"/>\
                     <text x=\"{:.1}\" y=\"{}\">{} ms · {}×</text>",
                    LABELS + bar + 6.0,
                    y + 11.0,
                    short(value(own)),
                    short(ratio)
                );
                y += BAR + 2.0;
            }
            y += 6.0;
        }
    }
    let height = y + 26.0;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{body}\
         <text x=\"8\" y=\"{}\" fill=\"#555\">Logarithmic scale; × is relative to the first row of \
         each group. Measured on one machine in one run, by turns.</text>\n</svg>\n",
        height - 8.0
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_its_element() {
        assert_eq!(escape("a < b & c"), "a &lt; b &amp; c");
    }
}
