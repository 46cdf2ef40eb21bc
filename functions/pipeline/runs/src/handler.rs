//! Orders what happens for each request.

use std::time::SystemTime;

use common::http::{Handler, cross_site};
use common::journal::{Journal, Pipeline, Run, RunId, StepName};
use common::problem::Problem;
use lambda_http::http::Method;
use lambda_http::{Body, Request, RequestExt as _, Response};
use sign_in::{Operators, Token};

use crate::denied;
use crate::list::PageRequest;
use crate::outcome::Outcome;
use crate::pages::SITE;
use crate::ports::{Runs, Sessions};
use crate::respond::respond;
use crate::view::View;

/// The function and what it works on.
#[derive(Debug)]
pub struct RunsFunction<J, R, S> {
    pipelines: Vec<Pipeline>,
    operators: Operators,
    journal: J,
    runs: R,
    sessions: S,
}

impl<J: Journal, R: Runs, S: Sessions> RunsFunction<J, R, S> {
    /// Shows runs of these pipelines, and lists of them to these operators.
    pub const fn new(
        pipelines: Vec<Pipeline>,
        operators: Operators,
        journal: J,
        runs: R,
        sessions: S,
    ) -> Self {
        Self { pipelines, operators, journal, runs, sessions }
    }

    async fn route(&self, request: &Request, now: SystemTime) -> Result<Outcome, Problem> {
        cross_site::check(request.method(), request.headers())?;
        let path = request.raw_http_path();
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (segments.as_slice(), request.method()) {
            (["runs"], &Method::GET | &Method::HEAD) => self.list(request, now).await,
            (["runs", "assets", name], &Method::GET | &Method::HEAD) => {
                SITE.file(name).map(Outcome::File).ok_or_else(Problem::no_route)
            }
            (["runs", id], &Method::GET | &Method::HEAD) => self.show(id).await,
            (["runs", id, "retry"], &Method::POST) => self.retry(id, now).await,
            (["runs"] | ["runs", _] | ["runs", "assets", _], _) => {
                Err(Problem::method_not_allowed("GET, HEAD"))
            }
            (["runs", _, "retry"], _) => Err(Problem::method_not_allowed("POST")),
            _ => Err(Problem::no_route()),
        }
    }

    async fn show(&self, id: &str) -> Result<Outcome, Problem> {
        let id = id.parse().map_err(|_| denied::no_run())?;
        let run = self.found(id).await?;
        Ok(Outcome::Shown(Box::new(self.view(&run))))
    }

    /// Opens what failed again. The rest is `advance`'s, which is told by the table's stream.
    async fn retry(&self, id: &str, now: SystemTime) -> Result<Outcome, Problem> {
        let id = id.parse().map_err(|_| denied::no_run())?;
        let run = self.found(id).await?;
        let failed: Vec<StepName> = self.view(&run).failed().cloned().collect();
        // All of them or none: who is slower than another retry opens nothing.
        if failed.is_empty()
            || !self.journal.reopen(id, &failed, now).await.map_err(Problem::unavailable)?
        {
            return Err(denied::nothing_to_retry());
        }
        let run = self.found(id).await?;
        Ok(Outcome::Retried(Box::new(self.view(&run))))
    }

    async fn list(&self, request: &Request, now: SystemTime) -> Result<Outcome, Problem> {
        self.authorise(request, now).await?;
        let query = request.query_string_parameters();
        let [state, limit, cursor] = ["state", "limit", "cursor"].map(|name| query.first(name));
        let page = PageRequest::parse(state, limit, cursor).map_err(denied::invalid_query)?;
        let listed = self.runs.list(&page).await.map_err(Problem::unavailable)?;
        Ok(Outcome::Listed(page, listed))
    }

    /// Only operators pass.
    async fn authorise(&self, request: &Request, now: SystemTime) -> Result<(), Problem> {
        let token = Token::carried_by(request.headers()).ok_or_else(denied::not_signed_in)?;
        let session = self.sessions.session(&token.digest(), now).await;
        let session = session.map_err(Problem::unavailable)?.ok_or_else(denied::not_signed_in)?;
        if self.operators.include(&session.username) {
            Ok(())
        } else {
            Err(denied::not_an_operator())
        }
    }

    async fn found(&self, id: RunId) -> Result<Run, Problem> {
        let found = self.journal.find(id).await.map_err(Problem::unavailable)?;
        found.ok_or_else(denied::no_run)
    }

    fn view(&self, run: &Run) -> View {
        let pipeline = self.pipelines.iter().find(|pipeline| pipeline.name() == run.pipeline);
        View::of(run, pipeline)
    }
}

impl<J: Journal, R: Runs, S: Sessions> Handler for RunsFunction<J, R, S> {
    async fn handle(&self, request: &Request, now: SystemTime) -> Result<Response<Body>, Problem> {
        respond(self.route(request, now).await, request)
    }
}
