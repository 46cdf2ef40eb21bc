//! Orders what happens for each request.

use std::time::SystemTime;

use common::clock::{rfc3339, whole_seconds};
use common::event::{CloudEvent, TraceParent};
use common::http::{Handler, cross_site, source_ip};
use common::password;
use common::problem::Problem;
use lambda_http::http::Method;
use lambda_http::http::header::HeaderName;
use lambda_http::{Body, Request, RequestExt as _, Response};
use sign_in::event::{CodeRequested, code_requested};
use sign_in::limits::{Conversion, Quota};
use sign_in::ports::{Attempt, Renewal, SignIns};
use sign_in::user::composed;
use sign_in::{Challenge, ChallengeId, Delivery, Key, Session, Token};

use crate::config::Rules;
use crate::denied::{self, Denied};
use crate::outcome::Outcome;
use crate::pages::SITE;
use crate::request::{self, Credentials};
use crate::respond::respond;

/// Asks for codes.
pub trait CodesQueue: Send + Sync {
    /// What the queue fails with.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Sends the event.
    fn ask(
        &self,
        event: &CloudEvent<CodeRequested>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// The function and what it works on.
#[derive(Debug)]
pub struct Login<S, Q> {
    rules: Rules,
    key: Key,
    store: S,
    queue: Q,
}

impl<S, Q> Login<S, Q>
where
    S: SignIns + 'static,
    Q: CodesQueue + 'static,
{
    /// Signs in by these rules, with this key, on a store and a queue.
    pub const fn new(rules: Rules, key: Key, store: S, queue: Q) -> Self {
        Self { rules, key, store, queue }
    }

    async fn route(&self, request: &Request, now: SystemTime) -> Result<Outcome, Denied> {
        cross_site::check(request.method(), request.headers())?;
        let path = request.raw_http_path();
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (segments.as_slice(), request.method()) {
            (["login"], &Method::GET | &Method::HEAD) => Ok(Outcome::SignIn),
            (["login"], &Method::POST) => self.begin(request, now).await,
            (["login"], _) => Err(Problem::method_not_allowed("GET, HEAD, POST").into()),
            (["login", id], &Method::GET | &Method::HEAD) => {
                self.found(id, now).await.map(Outcome::Standing)
            }
            (["login", id, "code"], &Method::POST) => self.verify(id, request, now).await,
            (["login", id, "resend"], &Method::POST) => self.resend(id, request, now).await,
            (["me"], &Method::GET | &Method::HEAD) => self.me(request, now).await,
            (["logout"], &Method::POST) => self.sign_out(request).await,
            (["login", "assets", name], &Method::GET | &Method::HEAD) => {
                SITE.file(name).map(Outcome::File).ok_or_else(|| Problem::no_route().into())
            }
            (["login", _] | ["me"] | ["login", "assets", _], _) => {
                Err(Problem::method_not_allowed("GET, HEAD").into())
            }
            (["login", _, "code" | "resend"] | ["logout"], _) => {
                Err(Problem::method_not_allowed("POST").into())
            }
            _ => Err(Problem::no_route().into()),
        }
    }

    /// Checks the password and asks for a code. The outcome of a guess is told only if the guess
    /// was counted, so guesses at the same time are no way around the limits.
    async fn begin(&self, request: &Request, now: SystemTime) -> Result<Outcome, Denied> {
        let Credentials { username, password } = Credentials::read(request)?;
        let quotas = self.quotas(&username.canonical(), request, now);
        let full = || denied::too_many_attempts(quotas[0].ends, now);
        let (user, tallies) =
            self.store.look_up(&username, &quotas).await.map_err(Problem::unavailable)?;
        // Codes that are used up count for the address, which is the caller's, and not for the user:
        // else a right password would be answered otherwise than a wrong one.
        if !quotas[0].may_try(tallies[0]) || !quotas[1].has_room(tallies[1]) {
            return Err(full().into());
        }
        let kept = user.as_ref().map(|user| user.password.as_str());
        let is_right =
            password::verify(&composed(password.expose()), kept).map_err(Problem::internal)?;
        let Some(user) = user.filter(|_| is_right) else {
            let counted = self.store.count_failure(&quotas).await.map_err(Problem::unavailable)?;
            return Err(if counted { denied::wrong_credentials() } else { full() }.into());
        };
        let challenge = Challenge {
            id: ChallengeId::random().map_err(Problem::internal)?,
            username: user.username,
            phone: user.phone,
            locale: user.locale,
            expires: whole_seconds(now + self.rules.sign_in_ttl),
            number: 1,
            counted: 0,
            resend_at: whole_seconds(now + self.rules.resend_cooldown),
            attempts: 0,
            delivery: Delivery::Requested,
            code: None,
        };
        if !self.store.begin(&challenge, &quotas).await.map_err(Problem::unavailable)? {
            return Err(full().into());
        }
        self.ask_for_code(&challenge, request, now).await?;
        Ok(Outcome::Begun(challenge))
    }

    /// Takes an attempt, compares, and uses the code up: in this order, each by a conditional
    /// write, so that neither guesses nor uses at the same time pass a limit.
    async fn verify(
        &self,
        id: &str,
        request: &Request,
        now: SystemTime,
    ) -> Result<Outcome, Denied> {
        let id = id.parse().map_err(|_| denied::no_sign_in())?;
        let max = self.rules.max_attempts;
        let code = match request::code(request) {
            Ok(code) => code,
            Err(problem) => return Err(self.beside(id, problem, now).await),
        };
        let attempt = self.store.take_attempt(id, max, now).await.map_err(Problem::unavailable)?;
        let challenge = match attempt {
            Attempt::Taken(challenge) => challenge,
            Attempt::Refused(Some(found)) => return Err(denied::no_guess(&found, max, now)),
            Attempt::Refused(None) => return Err(denied::no_sign_in().into()),
        };
        let kept = challenge.code.as_ref().map(|code| &code.mac);
        let matches = |kept| self.key.matches(kept, id, &challenge.username, &code);
        let Some(kept) = kept.filter(|kept| matches(kept)) else {
            return Err(denied::wrong_code(&challenge, max));
        };
        let token = Token::random().map_err(Problem::internal)?;
        let session = Session {
            digest: token.digest(),
            username: challenge.username.clone(),
            expires: whole_seconds(now + self.rules.session_ttl),
        };
        let conversion = Conversion::of(&challenge.phone, self.rules.min_conversion_percent, now);
        let completed = self.store.complete(id, kept, &session, &conversion).await;
        if !completed.map_err(Problem::unavailable)? {
            // Another request was faster: with this code, and then there is nothing left, or with
            // a resend, and then this code is no longer the one.
            return Err(self.beside(id, denied::code_expired(), now).await);
        }
        Ok(Outcome::SignedIn(token, session))
    }

    async fn resend(
        &self,
        id: &str,
        request: &Request,
        now: SystemTime,
    ) -> Result<Outcome, Denied> {
        let rules = &self.rules;
        let found = self.found(id, now).await?;
        if let Some(denied) = denied::no_resend(&found, rules.max_attempts, rules.max_codes, now) {
            return Err(denied);
        }
        let resend_at = whole_seconds(now + rules.resend_cooldown);
        let renewed = found.renewed(resend_at);
        let quotas = self.quotas(&canonical(&found.username), request, now);
        let renewal = self.store.renew(&found, &renewed, &quotas).await;
        match renewal.map_err(Problem::unavailable)? {
            Renewal::Done => {
                self.ask_for_code(&renewed, request, now).await?;
                Ok(Outcome::Renewed(renewed))
            }
            Renewal::Full => Err(denied::full(&found, quotas[0].ends, now)),
            // Somebody else asked, or signed in, at the same time.
            Renewal::Lost => {
                Err(self.beside(found.id, denied::too_soon(resend_at, now), now).await)
            }
        }
    }

    async fn me(&self, request: &Request, now: SystemTime) -> Result<Outcome, Denied> {
        let token = Token::carried_by(request.headers()).ok_or_else(denied::not_signed_in)?;
        let session = self.store.session(&token.digest(), now).await;
        let session = session.map_err(Problem::unavailable)?.ok_or_else(denied::not_signed_in)?;
        Ok(Outcome::Me(session))
    }

    async fn sign_out(&self, request: &Request) -> Result<Outcome, Denied> {
        if let Some(token) = Token::carried_by(request.headers()) {
            self.store.end_session(&token.digest()).await.map_err(Problem::unavailable)?;
        }
        Ok(Outcome::SignedOut)
    }

    async fn found(&self, id: &str, now: SystemTime) -> Result<Challenge, Denied> {
        let id = id.parse().map_err(|_| denied::no_sign_in())?;
        let found = self.store.find(id, now).await.map_err(Problem::unavailable)?;
        Ok(found.ok_or_else(denied::no_sign_in)?)
    }

    /// A problem with the challenge beside which a page shows it.
    async fn beside(&self, id: ChallengeId, problem: Problem, now: SystemTime) -> Denied {
        match self.store.find(id, now).await {
            Ok(Some(challenge)) => Denied { problem, challenge: Some(Box::new(challenge)) },
            Ok(None) => denied::no_sign_in().into(),
            Err(error) => Problem::unavailable(error).into(),
        }
    }

    fn quotas(&self, canonical: &str, request: &Request, now: SystemTime) -> [Quota; 2] {
        let rules = &self.rules;
        let address = source_ip(request).unwrap_or_default();
        let (failures, codes) = (rules.max_failures_per_address, rules.max_codes_per_address);
        [
            Quota::of_user(
                &self.key,
                canonical,
                rules.max_failures_per_user,
                rules.max_codes_per_user,
                now,
            ),
            Quota::of_address(&self.key, address, failures, codes, now),
        ]
    }

    async fn ask_for_code(
        &self,
        challenge: &Challenge,
        request: &Request,
        now: SystemTime,
    ) -> Result<(), Denied> {
        let trace = trace(request)?;
        let time = rfc3339(now);
        let event = code_requested(challenge.id, challenge.number, time, trace);
        self.queue.ask(&event).await.map_err(Problem::unavailable)?;
        // The one thing that both functions log, by which a sign-in is followed from one to the other.
        tracing::info!(traceparent = %trace, number = challenge.number, "code asked for");
        Ok(())
    }
}

impl<S, Q> Handler for Login<S, Q>
where
    S: SignIns + 'static,
    Q: CodesQueue + 'static,
{
    async fn handle(&self, request: &Request, now: SystemTime) -> Result<Response<Body>, Problem> {
        respond(self.route(request, now).await, request, &self.rules, now)
    }
}

/// The user's name as it was stored is one that was parsed before.
fn canonical(username: &str) -> String {
    let parsed = username.parse::<sign_in::Username>();
    parsed.map_or_else(|_| username.to_owned(), |name| name.canonical())
}

/// The trace that the caller began, or a new one.
fn trace(request: &Request) -> Result<TraceParent, Problem> {
    const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
    let mut random = [0; 24];
    getrandom::fill(&mut random).map_err(Problem::internal)?;
    let (mut trace_id, mut parent_id) = ([0; 16], [0; 8]);
    trace_id.copy_from_slice(&random[..16]);
    parent_id.copy_from_slice(&random[16..]);
    let given =
        request.headers().get(TRACEPARENT).and_then(|value| value.to_str().ok()?.parse().ok());
    Ok(given.map_or_else(
        || TraceParent::start(trace_id, parent_id),
        |t: TraceParent| t.child(parent_id),
    ))
}
