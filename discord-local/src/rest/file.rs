//! Attachment links: signed, and dead after a day of the server's clock.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::DiscordLocal;

pub(crate) async fn download(
    State(server): State<DiscordLocal>,
    Path((channel, id, name)): Path<(u64, u64, String)>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Response {
    let world = server.world();
    let hex = |name: &str| query.get(name).and_then(|text| i64::from_str_radix(text, 16).ok()).unwrap_or(0);
    let (expires, issued) = (hex("ex"), hex("is"));
    let signed = query.get("hm").is_some_and(|given| *given == world.link_signature(id, expires, issued));
    let fresh = world.now() / 1_000 < expires;
    let known = world.files.get(&id).filter(|file| file.channel == channel && file.filename == name);
    match known.filter(|_| signed && fresh) {
        Some(file) => {
            let name =
                format!("attachment; filename=\"{}\"", file.filename.replace(['"', '\\', '\r', '\n'], "_"));
            let headers = [("content-type", file.content_type.clone()), ("content-disposition", name)];
            (headers, file.bytes.to_vec()).into_response()
        }
        None => (StatusCode::NOT_FOUND, "This content is no longer available.").into_response(),
    }
}
