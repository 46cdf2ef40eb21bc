//! What the pages of all functions share: the document around them, a base style, and how their
//! files are named and kept.

use lambda_http::{Body, Response};
use maud::{DOCTYPE, Markup, html};

use super::page::{self, version};
use crate::problem::Problem;

const BASE: &str = include_str!("site/base.css");

/// The pages of a function.
///
/// ```
/// use common::http::site::Site;
///
/// const SITE: Site = Site::new("/runs/assets", "main { max-width: 64rem; }", Some("follow();"));
///
/// let page = SITE.document("Runs", &maud::html! { h1 { "Runs" } }).into_string();
/// assert!(page.starts_with("<!DOCTYPE html>") && page.contains("/runs/assets/script.js?v="));
/// assert!(SITE.file("script.js").is_some() && SITE.file("../secret").is_none());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Site {
    path: &'static str,
    style: Asset,
    script: Option<Asset>,
}

/// A text, and its version: made when the program is compiled, because each page asks for it.
#[derive(Debug, Clone, Copy)]
struct Asset {
    text: &'static str,
    version: u64,
}

impl Site {
    /// Pages whose files are served under `path`; `style` comes after the base style, so it can
    /// say otherwise.
    #[must_use]
    pub const fn new(
        path: &'static str,
        style: &'static str,
        script: Option<&'static str>,
    ) -> Self {
        let script = match script {
            Some(text) => Some(Asset { text, version: version(&[text]) }),
            None => None,
        };
        Self { path, style: Asset { text: style, version: version(&[BASE, style]) }, script }
    }

    fn url(&self, name: &str, asset: Asset) -> String {
        format!("{}/{name}?v={:016x}", self.path, asset.version)
    }

    /// A whole page. It works without its script, and search engines leave it out.
    #[must_use]
    pub fn document(&self, title: &str, main: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    title { (title) }
                    link rel="stylesheet" href=(self.url("style.css", self.style));
                    @if let Some(script) = self.script {
                        script src=(self.url("script.js", script)) defer {}
                    }
                }
                body { main { (main) } }
            }
        }
    }

    /// A file of the pages, by its name.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<Response<Body>> {
        match name {
            "style.css" => {
                Some(page::file([BASE, self.style.text].concat(), "text/css; charset=utf-8"))
            }
            "script.js" => {
                Some(page::file(self.script?.text.to_owned(), "text/javascript; charset=utf-8"))
            }
            _ => None,
        }
    }
}

/// Says what went wrong, first of all: it takes the focus, so that it is read aloud.
#[must_use]
pub fn alert(problem: &Problem) -> Markup {
    html! {
        div #problem role="alert" tabindex="-1" autofocus {
            p { strong { (problem.title()) } }
            @if let Some(detail) = problem.told_detail() { p { (detail) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::http::StatusCode;

    use super::*;

    const STYLE: &str = "main { margin: 0; }";
    const SITE: Site = Site::new("/a/assets", STYLE, Some("run();"));

    fn addresses(site: Site) -> Vec<String> {
        let page = site.document("Title", &html! {}).into_string();
        let names = page.split('"').filter(|part| part.starts_with("/a/assets/"));
        names.map(str::to_owned).collect()
    }

    #[test]
    fn only_files_of_the_site_are_served() {
        let text = |name| SITE.file(name).map(|file| file.body().clone());
        let style = text("style.css").unwrap();
        let style = String::from_utf8(style.to_vec()).unwrap();
        assert!(style.starts_with(BASE) && style.ends_with(STYLE));
        assert_eq!(text("script.js"), Some(Body::from("run();")));
        assert!(text("base.css").is_none() && text("../site.rs").is_none() && text("").is_none());
    }

    #[test]
    fn addresses_of_files_change_with_them() {
        let before = addresses(SITE);
        let style = addresses(Site::new("/a/assets", "main {}", Some("run();")));
        let script = addresses(Site::new("/a/assets", STYLE, Some("walk();")));
        assert_eq!(before.len(), 2);
        assert!(style[0] != before[0] && style[1] == before[1], "{style:?}");
        assert!(script[0] == before[0] && script[1] != before[1], "{script:?}");
    }

    #[test]
    fn pages_without_a_script_have_none() {
        let site = Site::new("/a/assets", STYLE, None);
        assert_eq!(addresses(site).len(), 1);
        assert!(site.file("script.js").is_none());
    }

    #[test]
    fn words_of_strangers_stay_words() {
        let problem = Problem::new(StatusCode::BAD_REQUEST, "bad", "Bad").detail("<i>");
        let page = SITE.document("<b>", &alert(&problem)).into_string();
        assert!(page.contains("<title>&lt;b&gt;</title>") && page.contains("&lt;i&gt;"), "{page}");
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
        let palettes: Vec<&str> = BASE.split(":root {").skip(1).take(2).collect();
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
