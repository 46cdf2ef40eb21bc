//! What clients ask for.

use common::http::body::check_length;
use common::problem::Problem;
use lambda_http::Request;
use lambda_http::http::header::CONTENT_TYPE;

/// Longest body that is looked at, in bytes. A one-click body has 26, in parts a few hundred.
const MAX_BODY: usize = 4 * 1024;

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Confirms a subscription.
    Confirm,
    /// Ends it.
    Unsubscribe,
}

impl Purpose {
    /// By its name in the path.
    #[must_use]
    pub(crate) fn of(segment: &str) -> Option<Self> {
        [Self::Confirm, Self::Unsubscribe].into_iter().find(|purpose| purpose.name() == segment)
    }

    /// Its name in the path, which links are signed for.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Confirm => mails::CONFIRM,
            Self::Unsubscribe => mails::UNSUBSCRIBE,
        }
    }
}

/// Whether a mail program asks to unsubscribe with one click: `List-Unsubscribe=One-Click` as a form
/// or as parts (RFC 8058, section 3.2).
///
/// # Errors
/// The problem to answer with: 413.
pub(crate) fn is_one_click(request: &Request) -> Result<bool, Problem> {
    let body: &[u8] = request.body().as_ref();
    check_length(body.len(), MAX_BODY)?;
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    Ok(if kind.starts_with("multipart/form-data") {
        let text = String::from_utf8_lossy(body);
        let mut lines = text.lines().map(str::trim);
        lines.any(|line| line.contains("name=\"List-Unsubscribe\""))
            && lines.any(|line| line == "One-Click")
    } else {
        form_urlencoded::parse(body)
            .any(|(name, value)| name == "List-Unsubscribe" && value.trim_end() == "One-Click")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn is_one_click(kind: &str, body: &str) -> bool {
        let request = lambda_http::http::Request::builder().header(CONTENT_TYPE, kind);
        super::is_one_click(&request.body(Body::from(body)).unwrap()).unwrap()
    }

    #[test]
    fn one_click_comes_as_a_form_or_in_parts() {
        let form = "application/x-www-form-urlencoded";
        assert!(is_one_click(form, "List-Unsubscribe=One-Click"));
        assert!(is_one_click(form, "List-Unsubscribe=One-Click\r\n"));
        let parts = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n\
                     One-Click\r\n--b--\r\n";
        assert!(is_one_click("multipart/form-data; boundary=b", parts));
        for body in ["", "List-Unsubscribe=No", "list-unsubscribe", "One-Click"] {
            assert!(!is_one_click(form, body), "{body}");
            assert!(!is_one_click("multipart/form-data; boundary=b", body), "{body}");
        }
    }

    #[test]
    fn a_long_body_is_refused() {
        let request = Request::new(Body::from("x".repeat(MAX_BODY + 1)));
        assert_eq!(super::is_one_click(&request).unwrap_err().status(), 413);
    }

    #[test]
    fn purposes_are_known_by_their_names() {
        for purpose in [Purpose::Confirm, Purpose::Unsubscribe] {
            assert_eq!(Purpose::of(purpose.name()), Some(purpose));
        }
        assert_eq!(Purpose::of("delete"), None);
    }
}
