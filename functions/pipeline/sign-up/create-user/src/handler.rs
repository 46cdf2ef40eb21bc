//! Orders what happens for each request.

use std::time::{Duration, SystemTime};

use common::http::{Handler, body::json_body, cross_site, json, keyed, remaining};
use common::idempotency::{Attempt, EffectId, Failed, Guard, Outcome, RecordId, Store};
use common::journal::{Pipeline, Run, RunId};
use common::password;
use common::problem::Problem;
use lambda_http::http::header::{ALLOW, HeaderName, LINK, LOCATION};
use lambda_http::http::{HeaderValue, Method, StatusCode};
use lambda_http::{Body, Request, RequestExt as _, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sign_in::{Operators, Username};

use crate::config::Config;
use crate::entry::{Entry, SignedUp, Written};
use crate::new_user::{FieldError, MAX_BODY, NewUser};

/// Response header that says the answer is an earlier one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Lease of a claim outside Lambda, where an invocation has no deadline.
const DEFAULT_LEASE: Duration = Duration::from_secs(30);
/// What stands in a path as it is (RFC 3986, section 2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where users are kept.
pub trait Users: Send + Sync {
    /// What the store fails with.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Writes the user, the address and the run: all of it or nothing.
    ///
    /// An entry whose run is the same as that of what is there was written by an attempt before, and
    /// is done.
    fn enter(&self, entry: &Entry) -> impl Future<Output = Result<Written, Self::Error>> + Send;
}

/// The function and the stores it works on.
#[derive(Debug)]
pub struct CreateUser<U, S> {
    pipeline: Pipeline,
    run_retention: Duration,
    webhook: bool,
    operators: Operators,
    users: U,
    guard: Guard<S>,
}

impl<U, S> CreateUser<U, S>
where
    U: Users + 'static,
    S: Store + 'static,
{
    /// Signs up into a store of users and runs, with a store of idempotency records.
    pub fn new(config: &Config, pipeline: Pipeline, users: U, records: S) -> Self {
        Self {
            pipeline,
            run_retention: config.run_retention,
            webhook: config.webhook,
            operators: config.operators.clone(),
            users,
            guard: Guard::new(records, config.idempotency_retention),
        }
    }

    async fn create(&self, request: &Request, now: SystemTime) -> Result<Response<Body>, Problem> {
        let body = json_body(request, MAX_BODY)?;
        let user = NewUser::parse(&body).map_err(|faults| invalid_user(&faults))?;
        let token = EffectId::random().map_err(Problem::internal)?;
        let Some(key) = keyed::key(request)? else {
            return match self.sign_up(user, token, now).await {
                Ok(signed_up) => created(&signed_up),
                Err(Failed::Clean(problem) | Failed::Unsure(problem)) => Err(problem),
            };
        };
        let attempt = Attempt {
            id: RecordId::new("POST /users", &key),
            fingerprint: user.fingerprint(&key),
            token,
            now,
            lease: remaining(request, now).unwrap_or(DEFAULT_LEASE),
        };
        let effect = |effect| self.sign_up(user, effect, now);
        match self.guard.run(attempt, effect).await.map_err(keyed::not_run)? {
            Outcome::Done(signed_up) => created(&signed_up),
            Outcome::Replayed(signed_up) => {
                let mut response = created(&signed_up)?;
                response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
                Ok(response)
            }
        }
    }

    /// The run is named by the effect, so that an attempt that takes over from one that died finds
    /// what that one wrote, and not that its name is taken.
    async fn sign_up(
        &self,
        user: NewUser,
        effect: EffectId,
        now: SystemTime,
    ) -> Result<SignedUp, Failed<Problem>> {
        let hash = password::hash(user.password.expose());
        let hash = hash.map_err(|error| Failed::Clean(Problem::internal(error)))?;
        // They are known by their names, so they are not made by whoever comes first.
        if self.operators.include(user.username.as_str()) {
            return Err(Failed::Clean(taken()));
        }
        let id = RunId::from_bits(effect.to_bits());
        let run = Run::new(id, &self.pipeline, user.context(self.webhook), now);
        let entry = Entry { user, hash, run, expires: now + self.run_retention };
        match self.users.enter(&entry).await {
            Ok(Written::Done) => Ok(SignedUp {
                username: entry.user.username.as_str().to_owned(),
                run: id.to_string(),
            }),
            Ok(Written::Taken) => Err(Failed::Clean(taken())),
            Err(error) => Err(Failed::Unsure(Problem::unavailable(error))),
        }
    }
}

impl<U, S> Handler for CreateUser<U, S>
where
    U: Users + 'static,
    S: Store + 'static,
{
    async fn handle(&self, request: &Request, now: SystemTime) -> Result<Response<Body>, Problem> {
        cross_site::check(request.method(), request.headers())?;
        match (request.raw_http_path().trim_matches('/'), request.method()) {
            ("users", &Method::POST) => self.create(request, now).await,
            ("users", _) => Err(Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "Method not allowed",
            )
            .header(ALLOW, HeaderValue::from_static("POST"))),
            _ => Err(Problem::new(StatusCode::NOT_FOUND, "no-route", "No such resource")),
        }
    }
}

fn created(signed_up: &SignedUp) -> Result<Response<Body>, Problem> {
    let name: Username = signed_up.username.parse().map_err(Problem::internal)?;
    let name = name.canonical();
    let location = format!("/users/{}", utf8_percent_encode(&name, UNRESERVED));
    let monitor = format!("</runs/{}>; rel=\"monitor\"", signed_up.run);
    let mut response = json(StatusCode::CREATED, signed_up)?;
    for (header, value) in [(LOCATION, location), (LINK, monitor)] {
        let value = HeaderValue::try_from(value).map_err(Problem::internal)?;
        response.headers_mut().insert(header, value);
    }
    Ok(response)
}

/// Which of the two is taken is not said.
fn taken() -> Problem {
    Problem::new(StatusCode::CONFLICT, "taken", "The user name or the address is taken")
}

fn invalid_user(faults: &[FieldError]) -> Problem {
    let problem =
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-user", "The user is invalid");
    match serde_json::to_value(faults) {
        Ok(faults) => problem.with("errors", faults),
        Err(error) => Problem::internal(error),
    }
}
