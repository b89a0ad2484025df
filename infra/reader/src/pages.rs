//! The pages: what people look at in a browser, made on the server, without a script.
//!
//! Sessions, one session with its picture, series, the register of one, people, one person with a certificate, and how
//! complete the archive is. Each page's address holds its whole state. They only read, answer this machine's browser only
//! (the gate), and take everything that is shown from the index; the JSON as Graph sent it comes from the archive itself.

mod completeness;
mod downloads;
mod export;
mod failure;
mod frame;
mod gate;
mod loaded;
mod mark;
mod params;
mod people;
mod person;
mod register;
mod revisions;
mod rules_form;
mod series;
mod session;
mod session_page;
mod sessions;
mod state;

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;

use crate::pages::failure::Failure;
use crate::pictures;

pub use gate::Gate;
pub use state::{FetchCommand, Pages};

/// The style of the pages: of the register's table, of the pictures, and of everything else.
const STYLE: [&str; 3] = [
    include_str!("../templates/register_table.css"),
    pictures::STYLE,
    include_str!("../templates/pages.css"),
];

/// The pages' routes, behind the gate.
pub fn router(pages: Pages, gate: Gate) -> Router {
    Router::new()
        .route("/", get(sessions::page))
        .route("/session", get(session::page))
        .route("/session/picture.svg", get(session::picture))
        .route("/session/report.json", get(downloads::report))
        .route("/session/{file}", get(downloads::session))
        .route("/series", get(series::page))
        .route("/register", get(register::page))
        .route("/register/{file}", get(downloads::register))
        .route("/people", get(people::page))
        .route("/person", get(person::page))
        .route("/certificate", get(person::certificate))
        .route("/completeness", get(completeness::page))
        .route("/style.css", get(style))
        .fallback(async || Failure::new(StatusCode::NOT_FOUND, "There is no such page."))
        .with_state(Arc::new(pages))
        .layer(from_fn_with_state(gate, gate::guard))
}

async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], STYLE.concat()).into_response()
}

#[cfg(test)]
mod tests;
