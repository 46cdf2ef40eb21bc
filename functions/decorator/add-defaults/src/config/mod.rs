//! The routes: what is decorated, and how. Checked whole before the first request.

mod compile;
mod document;

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use lambda_http::http::header::HeaderName;
use lambda_http::http::{HeaderValue, Method, Uri};

pub use document::NonJson;

use crate::path::{Parameters, Template};
use crate::rules::{BodyRules, FieldRules};
use crate::schema::Schema;

/// Everything that is wrong with a routes file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("routes: {}", .0.join("; "))]
pub struct RoutesError(pub(crate) Vec<String>);

impl RoutesError {
    /// One sentence per fault.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.0
    }
}

/// All routes, and the upstreams they lead to.
#[derive(Debug)]
pub struct Routes {
    upstreams: Vec<Upstream>,
    /// The most precise template first.
    routes: Vec<Route>,
    /// Makes generated values repeat; see the routes file.
    pub seed: Option<u64>,
}

/// An API that may be called.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// Scheme and authority.
    pub origin: Uri,
    /// What is put before every path; empty or without a slash at its end.
    pub base: String,
    /// Longest time for an answer, all attempts together.
    pub timeout: Duration,
    /// How often a request is sent at most.
    pub attempts: u32,
}

/// One decorated route.
#[derive(Debug)]
pub struct Route {
    /// The route as configured, such as `POST /decorated/widgets`.
    pub name: String,
    method: Option<Method>,
    template: Template,
    upstream: usize,
    /// The path at the upstream.
    pub path: Template,
    /// What is done to the request.
    pub request: RequestRules,
    responses: Vec<ResponseRules>,
    /// Headers whose values came from the environment: never shown.
    pub secret_headers: HashSet<HeaderName>,
    /// True when a parameter of the query came from the environment: the query is never shown.
    pub has_secret_query: bool,
}

/// What is done to a request.
#[derive(Debug)]
pub struct RequestRules {
    /// Fills and validates the body.
    pub schema: Option<Schema>,
    /// Longest body, in bytes.
    pub max_body: usize,
    /// What becomes of a body that is not JSON.
    pub non_json: NonJson,
    /// Reshapes the body.
    pub body: BodyRules,
    /// Reshapes the query.
    pub query: FieldRules<String, String>,
    /// Reshapes the headers.
    pub headers: FieldRules<HeaderName, HeaderValue>,
}

/// What is done to an answer.
#[derive(Debug)]
pub struct ResponseRules {
    status: StatusPattern,
    /// Fills and validates the body.
    pub schema: Option<Schema>,
    /// What becomes of a body that is not JSON.
    pub non_json: NonJson,
    /// Reshapes the body.
    pub body: BodyRules,
    /// Reshapes the headers.
    pub headers: FieldRules<HeaderName, HeaderValue>,
}

impl RequestRules {
    /// True when the body must be read to apply the rules.
    #[must_use]
    pub const fn reads_body(&self) -> bool {
        self.schema.is_some() || !self.body.is_empty()
    }
}

impl ResponseRules {
    /// True when the body must be read to apply the rules.
    #[must_use]
    pub const fn reads_body(&self) -> bool {
        self.schema.is_some() || !self.body.is_empty()
    }
}

/// Which answers rules are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StatusPattern {
    Exactly(u16),
    Class(u16),
    Any,
}

/// Why no route was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoRoute {
    /// No route has this path.
    Path,
    /// Routes have this path, for other methods.
    Method {
        /// The methods there are, as the value of `Allow`.
        allow: String,
    },
}

impl Routes {
    /// Reads and checks a routes file; `lookup` finds environment variables.
    ///
    /// # Errors
    /// Everything that is wrong with it; a file that is not JSON of the right shape is one fault.
    pub fn load(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, RoutesError> {
        compile::compile(text, lookup)
    }

    /// Finds the route of a request and the parameters of its path.
    ///
    /// # Errors
    /// When there is none, and whether the method or the path is to blame.
    pub fn find(&self, method: &Method, path: &str) -> Result<(&Route, Parameters), NoRoute> {
        let mut allow = Vec::new();
        for route in &self.routes {
            let Some(parameters) = route.template.matches(path) else { continue };
            match &route.method {
                None => return Ok((route, parameters)),
                Some(only) if only == method => return Ok((route, parameters)),
                // Whatever can be read has headers (RFC 9110, section 9.3.2).
                Some(only) if only == Method::GET && method == Method::HEAD => {
                    return Ok((route, parameters));
                }
                Some(only) if only == Method::GET => allow.extend(["GET", "HEAD"]),
                Some(only) => allow.push(only.as_str()),
            }
        }
        match allow.as_slice() {
            [] => Err(NoRoute::Path),
            _ => Err(NoRoute::Method { allow: allow.join(", ") }),
        }
    }

    /// The upstream a route leads to.
    #[must_use]
    pub fn upstream(&self, route: &Route) -> &Upstream {
        &self.upstreams[route.upstream]
    }

    /// All upstreams.
    #[must_use]
    pub fn upstreams(&self) -> &[Upstream] {
        &self.upstreams
    }

    /// All routes, the most precise template first.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }
}

impl Route {
    /// The rules for an answer with this status.
    #[must_use]
    pub fn response(&self, status: u16) -> Option<&ResponseRules> {
        self.responses.iter().find(|rules| match rules.status {
            StatusPattern::Exactly(only) => only == status,
            StatusPattern::Class(class) => status / 100 == class,
            StatusPattern::Any => true,
        })
    }

    /// True when some answer may have to be read, so that it must not be compressed.
    #[must_use]
    pub fn reads_answers(&self) -> bool {
        self.responses.iter().any(ResponseRules::reads_body)
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
