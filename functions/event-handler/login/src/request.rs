//! What clients send: JSON from programs, forms from pages.

use common::http::body::{check_coding, check_length, is_json, not_json_type, parse_json};
use common::problem::Problem;
use lambda_http::Request;
use lambda_http::http::StatusCode;
use lambda_http::http::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::Value;
use sign_in::Code;
use sign_in::user::{MAX_PASSWORD, Username};

/// Longest body, in bytes: the longest name and password, each character escaped.
const MAX_BODY: usize = 8 * 1024;

/// A name and a password.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// Who signs in.
    pub(crate) username: Username,
    /// The password as it was sent.
    pub(crate) password: common::redact::Secret<String>,
}

/// What is wrong with one field.
#[derive(Debug, Serialize)]
struct FieldError {
    pointer: &'static str,
    detail: String,
}

impl Credentials {
    /// Reads `username` and `password`.
    ///
    /// # Errors
    /// The problem to answer with: 400, 413, 415, or 422 with all faults.
    pub(crate) fn read(request: &Request) -> Result<Self, Problem> {
        let [username, password] = fields(request, ["username", "password"])?;
        let mut faults = Vec::new();
        let username = username.ok_or("is required".to_owned());
        let username = username.and_then(|text| text.parse().map_err(|e| format!("{e}")));
        let username: Option<Username> = username
            .map_err(|detail| faults.push(FieldError { pointer: "/username", detail }))
            .ok();
        let password = match password {
            None => Err("is required".to_owned()),
            Some(text) if text.is_empty() => Err("must not be empty".to_owned()),
            Some(text) if text.chars().count() > MAX_PASSWORD => {
                Err(format!("has more than {MAX_PASSWORD} characters"))
            }
            Some(text) => Ok(text),
        };
        let password = password
            .map_err(|detail| faults.push(FieldError { pointer: "/password", detail }))
            .ok();
        match username.zip(password) {
            Some((username, password)) => {
                Ok(Self { username, password: common::redact::Secret::new(password) })
            }
            None => Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid-sign-in",
                "Enter your user name and your password",
            )
            .with("errors", serde_json::to_value(faults).unwrap_or_default())),
        }
    }
}

/// Reads `code`.
///
/// # Errors
/// The problem to answer with: 400, 413, 415, or 422 when it is not a code.
pub(crate) fn code(request: &Request) -> Result<Code, Problem> {
    let [code] = fields(request, ["code"])?;
    code.as_deref().unwrap_or_default().parse().map_err(|_| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-code", "The code has six digits")
            .detail("Enter the six digits of the text message.")
    })
}

/// The user name of a form, to show it again.
#[must_use]
pub(crate) fn entered_username(request: &Request) -> Option<String> {
    let [username] = fields(request, ["username"]).ok()?;
    username.and_then(|text| text.parse::<Username>().ok()).map(|name| name.as_str().to_owned())
}

/// Fields of a JSON object or of a form. What is no text is not there.
fn fields<const N: usize>(
    request: &Request,
    names: [&str; N],
) -> Result<[Option<String>; N], Problem> {
    let body: &[u8] = request.body().as_ref();
    check_length(body.len(), MAX_BODY)?;
    check_coding(request.headers())?;
    if is_form(request) {
        let pairs: Vec<_> = form_urlencoded::parse(body).collect();
        return Ok(names.map(|name| {
            pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone().into_owned())
        }));
    }
    if !is_json(request.headers()) {
        return Err(not_json_type());
    }
    let body = parse_json(body)?;
    Ok(names.map(|name| body.get(name).and_then(Value::as_str).map(str::to_owned)))
}

fn is_form(request: &Request) -> bool {
    let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

#[cfg(test)]
mod tests {
    use super::*;
    use lambda_http::Body;

    fn request(headers: &[(&str, &str)], body: &str) -> Request {
        let mut request = lambda_http::http::Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(Body::from(body)).unwrap()
    }

    const JSON: (&str, &str) = ("content-type", "application/json");
    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=UTF-8");

    #[test]
    fn json_and_forms_say_the_same() {
        for (kind, body) in [
            (JSON, r#"{"username":"Ünal","password":"a&b c"}"#),
            (FORM, "username=%C3%9Cnal&password=a%26b+c"),
        ] {
            let read = Credentials::read(&request(&[kind], body)).unwrap();
            assert_eq!(
                (read.username.as_str(), read.password.expose().as_str()),
                ("Ünal", "a&b c")
            );
        }
    }

    #[test]
    fn every_fault_is_named_and_nothing_is_repeated() {
        let body = r#"{"username":7,"password":""}"#;
        let problem = Credentials::read(&request(&[JSON], body)).unwrap_err();
        let response = problem.into_response();
        assert_eq!(response.status(), 422);
        let body: Value = serde_json::from_slice(response.body().as_ref()).unwrap();
        assert_eq!(
            body["errors"],
            serde_json::json!([
                { "pointer": "/username", "detail": "is required" },
                { "pointer": "/password", "detail": "must not be empty" }
            ])
        );
    }

    #[test]
    fn a_password_is_not_shown() {
        let read = Credentials::read(&request(&[FORM], "username=ada&password=hunter2")).unwrap();
        assert!(!format!("{read:?}").contains("hunter2") && !format!("{read:?}").contains("ada"));
    }

    #[test]
    fn other_bodies_are_refused() {
        let status = |headers: &[(&str, &str)], body: &str| {
            code(&request(headers, body)).map_or_else(|problem| problem.status().as_u16(), |_| 200)
        };
        assert_eq!(status(&[JSON], r#"{"code":"123456"}"#), 200);
        assert_eq!(status(&[FORM], "code=123+456"), 200);
        assert_eq!(status(&[JSON], r#"{"code":123456}"#), 422, "leading zeros need a text");
        assert_eq!(status(&[JSON], "{"), 400);
        assert_eq!(status(&[], "code=123456"), 415);
        assert_eq!(status(&[JSON, ("content-encoding", "gzip")], "{}"), 415);
        assert_eq!(status(&[FORM], &"x".repeat(MAX_BODY + 1)), 413);
    }
}
