//! Orders what happens for each request.

use std::time::SystemTime;

use common::http::{Handler, cross_site};
use common::problem::Problem;
use common::signed::{LinkError, LinkKey};
use lambda_http::http::Method;
use lambda_http::{Body, Request, RequestExt as _, Response};

use crate::outcome::{self, Outcome, respond};
use crate::pages::SITE;
use crate::ports::Decisions;
use crate::request::{Purpose, is_one_click};
use crate::subscriber::{Address, State};

/// The function and what it works on.
#[derive(Debug)]
pub struct Subscriptions<D> {
    key: LinkKey,
    decisions: D,
}

impl<D: Decisions> Subscriptions<D> {
    /// Believes links that are signed with this key, and keeps what they do in a store.
    pub const fn new(key: LinkKey, decisions: D) -> Self {
        Self { key, decisions }
    }

    async fn route(&self, request: &Request, now: SystemTime) -> Result<Outcome, Problem> {
        let path = request.raw_http_path();
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let ["subscriptions", first, second] = segments.as_slice() else {
            return Err(Problem::no_route());
        };
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        match Purpose::of(first) {
            Some(purpose) if is_read => {
                self.address(purpose, second, now).map(|address| Outcome::Shown(purpose, address))
            }
            Some(purpose) if request.method() == Method::POST => {
                self.decide(purpose, second, request, now).await
            }
            Some(_) => Err(Problem::method_not_allowed("GET, HEAD, POST")),
            None => match SITE.file(second).filter(|_| *first == "assets") {
                Some(found) if is_read => Ok(Outcome::File(found)),
                Some(_) => Err(Problem::method_not_allowed("GET, HEAD")),
                None => Err(Problem::no_route()),
            },
        }
    }

    /// Does what a link is for. The link alone is the permission: mail providers, which have no
    /// cookies and come from their own sites, unsubscribe with it, too.
    async fn decide(
        &self,
        purpose: Purpose,
        token: &str,
        request: &Request,
        now: SystemTime,
    ) -> Result<Outcome, Problem> {
        if !(purpose == Purpose::Unsubscribe && is_one_click(request)?) {
            cross_site::check(request.method(), request.headers())?;
        }
        let address = self.address(purpose, token, now)?;
        let digest = address.digest();
        let state = match purpose {
            Purpose::Confirm => self.decisions.confirm(&digest, now).await,
            Purpose::Unsubscribe => {
                let ended = self.decisions.unsubscribe(&digest, now).await;
                ended.map(|()| Some(State::Unsubscribed))
            }
        };
        match (purpose, state.map_err(Problem::unavailable)?) {
            (Purpose::Confirm, Some(State::Unsubscribed)) => {
                Err(outcome::link_expired("You have unsubscribed since."))
            }
            (_, Some(state)) => Ok(Outcome::Done(state, address)),
            (_, None) => Err(outcome::link_expired("There is nothing to confirm any more.")),
        }
    }

    /// Whose link it is.
    fn address(&self, purpose: Purpose, token: &str, now: SystemTime) -> Result<Address, Problem> {
        let subject = self.key.verify(purpose.name(), token, now).map_err(|error| match error {
            LinkError::Malformed => outcome::no_link(),
            LinkError::Expired => outcome::link_expired("It has expired."),
        })?;
        subject.parse().map_err(|_| outcome::no_link())
    }
}

impl<D: Decisions> Handler for Subscriptions<D> {
    async fn handle(&self, request: &Request, now: SystemTime) -> Result<Response<Body>, Problem> {
        respond(self.route(request, now).await, request)
    }
}
