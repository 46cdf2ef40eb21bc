//! Orders what happens for each request.

use std::time::{Duration, SystemTime};

use common::http::{Handler, body::json_body, json, keyed, remaining};
use common::idempotency::{Attempt, EffectId, Failed, Guard, Outcome, RecordId, Store};
use common::problem::Problem;
use lambda_http::http::header::{HeaderName, LINK, LOCATION};
use lambda_http::http::{HeaderValue, Method, StatusCode};
use lambda_http::{Body, Request, RequestExt as _, Response};
use serde::Serialize;

use crate::config::Config;
use crate::page::{Listed, PageRequest, cursor};
use crate::widget::{MAX_BODY, NewWidget, Widget, WidgetId};

/// Response header that says the answer is an earlier one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Lease of a claim outside Lambda, where an invocation has no deadline.
const DEFAULT_LEASE: Duration = Duration::from_secs(30);

/// Where widgets are kept.
pub trait Widgets: Send + Sync {
    /// What the store fails with.
    type Error: std::error::Error + Send + 'static;

    /// Stores a widget and returns it, or the one that already has its id.
    fn insert(&self, widget: Widget) -> impl Future<Output = Result<Widget, Self::Error>> + Send;

    /// Reads a widget.
    fn get(
        &self,
        id: &WidgetId,
    ) -> impl Future<Output = Result<Option<Widget>, Self::Error>> + Send;

    /// Reads a page of widgets, in no particular but a stable order.
    fn list(&self, page: &PageRequest) -> impl Future<Output = Result<Listed, Self::Error>> + Send;

    /// Deletes a widget; tells whether there was one.
    fn delete(&self, id: &WidgetId) -> impl Future<Output = Result<bool, Self::Error>> + Send;
}

/// The API and the stores it works on.
#[derive(Debug)]
pub struct WidgetApi<W, S> {
    widgets: W,
    guard: Guard<S>,
}

/// A page of widgets, as it is answered.
#[derive(Debug, Serialize)]
struct Page {
    items: Vec<Widget>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl<W, S> WidgetApi<W, S>
where
    W: Widgets + 'static,
    S: Store + 'static,
{
    /// An API on a store of widgets and a store of idempotency records.
    pub const fn new(config: &Config, widgets: W, records: S) -> Self {
        Self { widgets, guard: Guard::new(records, config.idempotency_retention) }
    }

    async fn create(&self, request: &Request, now: SystemTime) -> Result<Response<Body>, Problem> {
        let body = json_body(request, MAX_BODY)?;
        let wanted = NewWidget::parse(&body).map_err(invalid_widget)?;
        let token = EffectId::random().map_err(Problem::internal)?;
        let Some(key) = keyed::key(request)? else {
            let widget = wanted.into_widget(token.into(), now);
            return created(&self.widgets.insert(widget).await.map_err(Problem::unavailable)?);
        };
        let attempt = Attempt {
            id: RecordId::new("POST /widgets", &key),
            fingerprint: wanted.fingerprint(),
            token,
            now,
            lease: remaining(request, now).unwrap_or(DEFAULT_LEASE),
        };
        let insert = |effect: EffectId| async move {
            let widget = wanted.into_widget(effect.into(), now);
            self.widgets.insert(widget).await.map_err(|e| Failed::Unsure(Problem::unavailable(e)))
        };
        match self.guard.run(attempt, insert).await.map_err(keyed::not_run)? {
            Outcome::Done(widget) => created(&widget),
            Outcome::Replayed(widget) => {
                let mut response = created(&widget)?;
                response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
                Ok(response)
            }
        }
    }

    async fn get(&self, id: &str) -> Result<Response<Body>, Problem> {
        let id = id.parse().map_err(|_| no_widget())?;
        let widget = self.widgets.get(&id).await.map_err(Problem::unavailable)?;
        json(StatusCode::OK, &widget.ok_or_else(no_widget)?)
    }

    async fn list(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let query = request.query_string_parameters();
        let page =
            PageRequest::parse(query.first("limit"), query.first("cursor")).map_err(|error| {
                Problem::new(StatusCode::BAD_REQUEST, "invalid-query", "The query is invalid")
                    .detail(format!("The parameter {error}."))
                    .with("parameter", error.parameter())
            })?;
        let Listed { items, last } =
            self.widgets.list(&page).await.map_err(Problem::unavailable)?;
        let next = last.as_ref().map(cursor);
        let link = next.as_ref().map(|next| {
            HeaderValue::try_from(format!(
                "</widgets?limit={}&cursor={next}>; rel=\"next\"",
                page.limit
            ))
        });
        let mut response = json(StatusCode::OK, &Page { items, next })?;
        if let Some(link) = link.transpose().map_err(Problem::internal)? {
            response.headers_mut().insert(LINK, link);
        }
        Ok(response)
    }

    async fn delete(&self, id: &str) -> Result<Response<Body>, Problem> {
        let id = id.parse().map_err(|_| no_widget())?;
        if !self.widgets.delete(&id).await.map_err(Problem::unavailable)? {
            return Err(no_widget());
        }
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = StatusCode::NO_CONTENT;
        Ok(response)
    }
}

impl<W, S> Handler for WidgetApi<W, S>
where
    W: Widgets + 'static,
    S: Store + 'static,
{
    async fn handle(&self, request: &Request, now: SystemTime) -> Result<Response<Body>, Problem> {
        let is_head = request.method() == Method::HEAD;
        let method = if is_head { &Method::GET } else { request.method() };
        let segments: Vec<&str> = request.raw_http_path().trim_matches('/').split('/').collect();
        let mut response = match (segments.as_slice(), method) {
            (["widgets"], &Method::POST) => self.create(request, now).await,
            (["widgets"], &Method::GET) => self.list(request).await,
            (["widgets"], _) => Err(Problem::method_not_allowed("GET, HEAD, POST")),
            (["widgets", id], &Method::GET) => self.get(id).await,
            (["widgets", id], &Method::DELETE) => self.delete(id).await,
            (["widgets", _], _) => Err(Problem::method_not_allowed("GET, HEAD, DELETE")),
            _ => Err(Problem::no_route()),
        }?;
        if is_head {
            *response.body_mut() = Body::Empty;
        }
        Ok(response)
    }
}

fn created(widget: &Widget) -> Result<Response<Body>, Problem> {
    let mut response = json(StatusCode::CREATED, widget)?;
    let location = HeaderValue::try_from(format!("/widgets/{}", widget.id));
    response.headers_mut().insert(LOCATION, location.map_err(Problem::internal)?);
    Ok(response)
}

fn invalid_widget(errors: Vec<crate::widget::FieldError>) -> Problem {
    let problem =
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-widget", "The widget is invalid");
    match serde_json::to_value(errors) {
        Ok(errors) => problem.with("errors", errors),
        Err(error) => Problem::internal(error),
    }
}

fn no_widget() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no-widget", "No such widget")
}
