//! The calendar feed: a plan's dates for whoever has its secret link. Everything else is not found, in one and the same way.

use crate::app::App;
use crate::domain::canonical::sha256;
use crate::fault::Fault;
use crate::flow::plan_card::terms;
use crate::in_read;
use crate::report::calendar::ics;
use crate::store::{calendar, plan};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// A secret is 32 bytes in base64.
const SECRET_CHARS: usize = 43;

/// The route of the feed.
pub fn router(app: App) -> Router {
    Router::new().route("/v1/cal/{file}", get(feed)).with_state(app)
}

async fn feed(State(app): State<App>, Path(file): Path<String>) -> Response {
    match read(&app, &file).await {
        Ok(Some(text)) => {
            let headers = [
                (CONTENT_TYPE, "text/calendar; charset=utf-8"),
                // The link is a secret: nobody on the way may keep what it leads to.
                (CACHE_CONTROL, "private, no-store"),
            ];
            (headers, text).into_response()
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(fault) => {
            tracing::error!(%fault, "A calendar feed could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn read(app: &App, file: &str) -> Result<Option<String>, Fault> {
    let Some(secret) = file.strip_suffix(".ics").filter(|secret| secret.len() == SECRET_CHARS) else {
        return Ok(None);
    };
    let hash = sha256(secret);
    let now = app.clock.now();
    in_read!(app.store, |read| {
        let Some(plan_id) = calendar::plan_of(read, &hash).await? else { return Ok(None) };
        let Some(plan) = plan::by_id(read, &plan_id).await? else { return Ok(None) };
        Ok(Some(ics(&terms(read, &plan).await?, now)))
    })
}
