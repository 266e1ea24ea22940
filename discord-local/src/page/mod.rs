//! The web page: a chat program in the browser, on which one can be any of the people.
//!
//! `/` is the page, `/local/…` the JSON that it lives on: [`view`] is what a person sees, [`act`] what they do, [`watch`]
//! tells that something changed. Everything goes through [`Person`](crate::Person), so the page can do exactly what a
//! member's client can. There is no login, so it must never answer anybody but this machine's own browser: see [`guard`].

mod act;
mod answer;
mod guard;
mod view;
mod watch;

use axum::extract::{DefaultBodyLimit, Path};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};

use crate::DiscordLocal;

/// The largest request of the page: files of [`limits::REQUEST_BYTES`](crate::limits::REQUEST_BYTES) in Base64.
const BODY_BYTES: usize = crate::limits::REQUEST_BYTES / 3 * 4 + 64 * 1024;

/// The page's files: name, media type, text.
const ASSETS: [(&str, &str, &str); 14] = [
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
    ("page.css", "text/css; charset=utf-8", include_str!("assets/page.css")),
    ("message.css", "text/css; charset=utf-8", include_str!("assets/message.css")),
    ("composer.css", "text/css; charset=utf-8", include_str!("assets/composer.css")),
    ("app.js", JAVASCRIPT, include_str!("assets/app.js")),
    ("api.js", JAVASCRIPT, include_str!("assets/api.js")),
    ("dom.js", JAVASCRIPT, include_str!("assets/dom.js")),
    ("combobox.js", JAVASCRIPT, include_str!("assets/combobox.js")),
    ("command.js", JAVASCRIPT, include_str!("assets/command.js")),
    ("composer.js", JAVASCRIPT, include_str!("assets/composer.js")),
    ("dialog.js", JAVASCRIPT, include_str!("assets/dialog.js")),
    ("markdown.js", JAVASCRIPT, include_str!("assets/markdown.js")),
    ("message.js", JAVASCRIPT, include_str!("assets/message.js")),
    ("sidebar.js", JAVASCRIPT, include_str!("assets/sidebar.js")),
];

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The routes of the page, guarded.
pub(crate) fn router(server: &DiscordLocal) -> Router<DiscordLocal> {
    Router::new()
        .route("/", get(page))
        .route("/local/page/{name}", get(asset))
        .route("/local/state", get(view::state))
        .route("/local/messages", get(view::messages))
        .route("/local/commands", get(view::commands))
        .route("/local/file/{id}/{name}", get(view::file))
        .route("/local/events", get(watch::events))
        .route("/local/run", post(act::run))
        .route("/local/suggest", post(act::suggest))
        .route("/local/press", post(act::press))
        .route("/local/select", post(act::select))
        .route("/local/submit", post(act::submit))
        .route("/local/message-command", post(act::message_command))
        .route("/local/say", post(act::say))
        .route("/local/dismiss", post(act::dismiss))
        .route("/local/control", post(act::control))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(middleware::from_fn_with_state(server.clone(), guard::guard))
}

async fn page() -> Response {
    ([(CONTENT_TYPE, "text/html; charset=utf-8")], include_str!("assets/page.html")).into_response()
}

async fn asset(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(known, _, _)| *known == name) {
        Some((_, kind, text)) => ([(CONTENT_TYPE, *kind)], *text).into_response(),
        None => (StatusCode::NOT_FOUND, "The page has no such file.").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::ASSETS;

    /// Text only ever becomes text: nothing on the page parses a string as HTML or as a program.
    #[test]
    fn no_asset_turns_text_into_markup_or_code() {
        let forbidden = [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "DOMParser",
            "createContextualFragment",
            "srcdoc",
            "eval(",
            "new Function",
            "setAttribute(\"style\"",
        ];
        for (name, _, text) in ASSETS {
            for word in forbidden {
                assert!(!text.contains(word), "{name} holds {word}");
            }
        }
    }

    /// The page is whole without a network.
    #[test]
    fn no_asset_comes_from_elsewhere() {
        let page = include_str!("assets/page.html");
        for (name, text) in ASSETS.iter().map(|(name, _, text)| (*name, *text)).chain([("page.html", page)]) {
            for word in ["src=\"http", "href=\"http", "url(", "@import", "from \"http", "fetch(\"http"] {
                assert!(!text.contains(word), "{name} holds {word}");
            }
        }
        for part in page.split('"').filter(|part| part.starts_with("/local/page/")) {
            let name = part.trim_start_matches("/local/page/");
            assert!(ASSETS.iter().any(|(known, _, _)| *known == name), "{part} isn't served");
        }
    }

    /// A module that imports a file that isn't served would leave an empty page.
    #[test]
    fn every_import_is_served() {
        for (name, _, text) in ASSETS {
            for import in text.lines().filter_map(|line| line.split_once(" from \"./")) {
                let file = import.1.trim_end_matches("\";");
                assert!(ASSETS.iter().any(|(known, _, _)| *known == file), "{name} imports {file}");
            }
        }
    }
}
