//! Path templates: `/widgets/{id}` and `/files/{rest+}`, as API Gateway writes them.

use std::fmt;

use percent_encoding::percent_decode_str;

/// A path with named parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Parameter(String),
    /// All that follows, at least one segment.
    Rest(String),
}

/// The values of a template's parameters, percent-encoded as they were received.
pub type Parameters = Vec<(String, String)>;

/// Why a template is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It does not start with a slash.
    #[error("a path starts with `/`")]
    NotAbsolute,
    /// `{rest+}` is not at the end.
    #[error("`{{{0}+}}` must be the last segment")]
    RestNotLast(String),
    /// A name is empty, repeated, or has other characters than letters, digits, `_` and `-`.
    #[error("`{0}` is not a parameter name or is used twice")]
    Name(String),
    /// A literal has characters that must be percent-encoded, or is `.` or `..`.
    #[error("`{0}` is not a path segment")]
    Literal(String),
    /// The template asks for a parameter that the matched path does not have.
    #[error("`{{{0}}}` is not a parameter of the matched path")]
    Unknown(String),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// The first fault in it.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let rest = text.strip_prefix('/').ok_or(TemplateError::NotAbsolute)?;
        let mut segments: Vec<Segment> = Vec::new();
        for part in rest.split('/').filter(|_| !rest.is_empty()) {
            if let Some(Segment::Rest(name)) = segments.last() {
                return Err(TemplateError::RestNotLast(name.clone()));
            }
            let segment = parse_segment(part)?;
            if segment.name().is_some_and(|name| segments.iter().any(|s| s.name() == Some(name))) {
                return Err(TemplateError::Name(part.to_owned()));
            }
            segments.push(segment);
        }
        Ok(Self { text: text.to_owned(), segments })
    }

    /// The parameters of a percent-encoded path, if it has the form of this template.
    #[must_use]
    pub fn matches(&self, path: &str) -> Option<Parameters> {
        let mut rest = path.strip_prefix('/')?;
        let mut parameters = Parameters::new();
        for (at, segment) in self.segments.iter().enumerate() {
            if let Segment::Rest(name) = segment {
                return (!rest.is_empty()).then(|| {
                    parameters.push((name.clone(), rest.to_owned()));
                    parameters
                });
            }
            let (part, tail) = match rest.split_once('/') {
                Some((part, tail)) if at + 1 < self.segments.len() => (part, tail),
                None if at + 1 == self.segments.len() => (rest, ""),
                _ => return None,
            };
            match segment {
                Segment::Literal(literal) if literal != part => return None,
                Segment::Parameter(_) if part.is_empty() => return None,
                Segment::Parameter(name) => parameters.push((name.clone(), part.to_owned())),
                Segment::Literal(_) | Segment::Rest(_) => {}
            }
            rest = tail;
        }
        rest.is_empty().then_some(parameters)
    }

    /// The path with the parameters in their places.
    #[must_use]
    pub fn render(&self, parameters: &Parameters) -> String {
        let mut path = String::new();
        for segment in &self.segments {
            path.push('/');
            match segment {
                Segment::Literal(literal) => path.push_str(literal),
                Segment::Parameter(name) | Segment::Rest(name) => {
                    let value = parameters.iter().find(|(known, _)| known == name);
                    path.push_str(value.map_or("", |(_, value)| value));
                }
            }
        }
        if path.is_empty() { "/".to_owned() } else { path }
    }

    /// Checks that every parameter this template renders is one that `source` provides.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check_rendered_from(&self, source: &Self) -> Result<(), TemplateError> {
        let provided = |name: &str| source.segments.iter().any(|s| s.name() == Some(name));
        match self.segments.iter().filter_map(Segment::name).find(|name| !provided(name)) {
            Some(name) => Err(TemplateError::Unknown(name.to_owned())),
            None => Ok(()),
        }
    }

    /// How closely the template describes a path: literals before parameters before the rest.
    ///
    /// Of two templates that match a path the one that is greater is meant.
    #[must_use]
    pub fn precision(&self) -> Vec<u8> {
        self.segments.iter().map(Segment::precision).collect()
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Segment {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Parameter(name) | Self::Rest(name) => Some(name),
        }
    }

    const fn precision(&self) -> u8 {
        match self {
            Self::Literal(_) => 3,
            Self::Parameter(_) => 2,
            Self::Rest(_) => 1,
        }
    }
}

fn parse_segment(part: &str) -> Result<Segment, TemplateError> {
    let Some(inner) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%".contains(&b);
        return if part.bytes().all(is_plain) && !part.is_empty() && is_safe_segment(part) {
            Ok(Segment::Literal(part.to_owned()))
        } else {
            Err(TemplateError::Literal(part.to_owned()))
        };
    };
    let (name, is_rest) = match inner.strip_suffix('+') {
        Some(name) => (name, true),
        None => (inner, false),
    };
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    if name.is_empty() || !name.bytes().all(is_name) {
        return Err(TemplateError::Name(part.to_owned()));
    }
    let name = name.to_owned();
    Ok(if is_rest { Segment::Rest(name) } else { Segment::Parameter(name) })
}

/// True for a path that no server can take for another one.
///
/// Dot segments climb, also when they are percent-encoded or have parameters; an encoded slash or
/// backslash makes a segment that some servers split; a letter that is encoded without need passes
/// by the routes.
#[must_use]
pub fn is_safe(path: &str) -> bool {
    path.trim_start_matches('/').split('/').all(is_safe_segment)
}

fn is_safe_segment(segment: &str) -> bool {
    let decoded: Vec<u8> = percent_decode_str(segment).collect();
    // Some servers cut parameters off before they look for dots: `..;x` climbs there.
    let name = decoded.split(|b| *b == b';').next().unwrap_or_default();
    !matches!(name, b"." | b"..")
        && !decoded.iter().any(|b| matches!(b, b'/' | b'\\' | 0..=31 | 127))
        && !has_needless_escape(segment)
}

/// True when a character is escaped that need not be (RFC 3986, section 2.3): `%77` is a `w` to
/// the upstream, but no `w` to the routes.
fn has_needless_escape(segment: &str) -> bool {
    segment.match_indices('%').any(|(at, _)| {
        let byte = segment.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        byte.is_some_and(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn template(text: &str) -> Template {
        Template::parse(text).unwrap()
    }

    fn matched(text: &str, path: &str) -> Option<Vec<String>> {
        template(text).matches(path).map(|found| found.into_iter().map(|(_, v)| v).collect())
    }

    #[test]
    fn a_parameter_is_one_segment_and_a_rest_is_many() {
        assert_eq!(matched("/widgets/{id}", "/widgets/7"), Some(vec!["7".into()]));
        assert_eq!(matched("/widgets/{id}", "/widgets/7/8"), None);
        assert_eq!(matched("/widgets/{id}", "/widgets/"), None);
        assert_eq!(matched("/widgets/{id}", "/widgets"), None);
        assert_eq!(matched("/files/{rest+}", "/files/a/b%20c"), Some(vec!["a/b%20c".into()]));
        assert_eq!(matched("/files/{rest+}", "/files/"), None);
        assert_eq!(matched("/", "/"), Some(vec![]));
        assert_eq!(matched("/", "/x"), None);
        assert_eq!(matched("/a", "/a/"), None);
    }

    #[test]
    fn parameters_are_rendered_as_they_were_received() {
        let found = template("/d/{a}/{rest+}").matches("/d/x%2By/1/2").unwrap();
        assert_eq!(template("/api/{rest+}").render(&found), "/api/1/2");
        assert_eq!(template("/{a}/z").render(&found), "/x%2By/z");
        assert_eq!(template("/").render(&found), "/");
    }

    #[test]
    fn faulty_templates_are_refused() {
        let fault = |text: &str| Template::parse(text).unwrap_err();
        assert_eq!(fault("widgets"), TemplateError::NotAbsolute);
        assert_eq!(fault("/{a+}/b"), TemplateError::RestNotLast("a".into()));
        assert_eq!(fault("/{a}/{a}"), TemplateError::Name("{a}".into()));
        assert_eq!(fault("/{}"), TemplateError::Name("{}".into()));
        for literal in ["..", ".", "%2e%2E", "a b", "a?b", "{a", "", "a%2fb"] {
            let text = format!("/{literal}/x");
            assert_eq!(fault(&text), TemplateError::Literal(literal.into()), "{literal}");
        }
    }

    #[test]
    fn a_template_cannot_render_what_was_not_matched() {
        let unknown = template("/{b}").check_rendered_from(&template("/{a}"));
        assert_eq!(unknown, Err(TemplateError::Unknown("b".into())));
        assert_eq!(template("/{a}").check_rendered_from(&template("/{a}")), Ok(()));
    }

    #[test]
    fn paths_that_climb_are_not_safe() {
        for path in [
            "/..",
            "/a/../b",
            "/a/%2e%2e",
            "/%2E./",
            "/a%2fb",
            "/a%5cb",
            "/a\\b",
            "/%00",
            "/..;x=1/a",
            "/.;",
            "/%77idgets",
        ] {
            assert!(!is_safe(path), "{path}");
        }
        for path in ["/", "/a/b", "/a..b/...", "/%20", "/a/", "/a;b=1", "/;.."] {
            assert!(is_safe(path), "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_safe_path_stays_below_where_it_was_put(path in "(/([a-z.;%25efF\\\\]|%2[eEfF]|%5[cC]|%3[bB]){0,4}){1,4}") {
            let found = template("/d/{rest+}").matches(&format!("/d{path}"));
            if let Some(found) = found.filter(|_| is_safe(&path)) {
                let rendered = template("/api/{rest+}").render(&found);
                let decoded = percent_decode_str(&rendered).decode_utf8_lossy().into_owned();
                prop_assert!(decoded.starts_with("/api/"));
                prop_assert!(decoded.split(['/', '\\']).all(|segment| segment.split(';').next() != Some("..")));
            }
        }
    }
}
