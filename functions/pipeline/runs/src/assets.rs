//! The files of the pages: a style and a script.

use common::http::page::{file, version};
use lambda_http::{Body, Response};

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/live.js");

/// The address of the style.
#[must_use]
pub(crate) fn style_url() -> String {
    format!("/runs/assets/style.css?v={:016x}", const { version(STYLE) })
}

/// The address of the script.
#[must_use]
pub(crate) fn script_url() -> String {
    format!("/runs/assets/live.js?v={:016x}", const { version(SCRIPT) })
}

/// A file by its name.
#[must_use]
pub(crate) fn asset(name: &str) -> Option<Response<Body>> {
    match name {
        "style.css" => Some(file(STYLE, "text/css; charset=utf-8")),
        "live.js" => Some(file(SCRIPT, "text/javascript; charset=utf-8")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_files_are_served() {
        assert!(asset("style.css").is_some() && asset("live.js").is_some());
        assert!(asset("../config.rs").is_none() && asset("").is_none());
    }

    #[test]
    fn the_style_knows_every_place() {
        for place in [
            "active",
            "blocked",
            "done",
            "failed",
            "pending",
            "ready",
            "skipped",
            "unreachable",
            "waiting",
        ] {
            assert!(STYLE.contains(&format!(".{place}")), "{place}");
        }
    }

    /// The colours of a palette, by their names.
    fn colours(palette: &str) -> Vec<(&str, [f64; 3])> {
        let lines = palette.lines().filter_map(|line| line.trim().strip_prefix("--"));
        let channel = |digits: &str| f64::from(u8::from_str_radix(digits, 16).unwrap()) / 255.0;
        let named = lines.map(|line| {
            let (name, value) = line.split_once(": #").unwrap();
            (name, [0, 2, 4].map(|at| channel(&value[at..at + 2])))
        });
        named.collect()
    }

    /// WCAG 2.2, contrast ratio.
    fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
        let light = |colour: [f64; 3]| {
            let [r, g, b] = colour
                .map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
            0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
        };
        let (a, b) = (light(a), light(b));
        if a > b { a / b } else { b / a }
    }

    /// Tools that look at pages do not know the colours of text in pictures.
    #[test]
    fn colours_are_told_apart_on_light_and_on_dark() {
        let palettes: Vec<&str> = STYLE.split(":root {").skip(1).take(2).collect();
        assert_eq!(palettes.len(), 2);
        for palette in palettes {
            let colours = colours(palette.split('}').next().unwrap());
            let colour = |wanted: &str| {
                let found = colours.iter().find(|(name, _)| *name == wanted);
                found.unwrap_or_else(|| panic!("no colour {wanted}")).1
            };
            let card = colour("card");
            for name in ["text", "quiet", "accent", "good", "wrong", "wait"] {
                let ratio = contrast(colour(name), card);
                assert!(ratio >= 4.5, "text in {name}: {ratio}");
            }
            assert!(contrast(colour("on-accent"), colour("accent")) >= 4.5);
            assert!(contrast(colour("line"), card) >= 3.0, "arrows");
        }
    }
}
