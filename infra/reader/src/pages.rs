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
mod params;
mod people;
mod person;
mod register;
mod rules_form;
mod series;
mod session;
mod session_page;
mod sessions;

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::StatusCode;
use shared::ports::store::ObjectStore;

use crate::index::{Index, IndexError};
use crate::pages::failure::Failure;
use crate::pictures;
use crate::roster::Roster;
use crate::rules::Rules;

pub use gate::Gate;

/// The style of the pages: of the register's table, of the pictures, and of everything else.
const STYLE: [&str; 3] = [
    include_str!("../templates/register_table.css"),
    pictures::STYLE,
    include_str!("../templates/pages.css"),
];

/// What the pages are of.
pub struct Pages {
    /// The index, which another thread may bring up to date at the same time.
    pub index: Arc<Index>,
    /// The archive, for the bytes as Graph sent them.
    pub store: Arc<dyn ObjectStore>,
    /// The archive's name for people: its folder or bucket.
    pub archive: String,
    /// The rules that count where an address has no others; its zone is the machine's.
    pub rules: Rules,
    /// Who is expected in a series; `None`: all who are in its reports.
    pub roster: Option<Roster>,
    /// By which command the archive is filled.
    pub filling: Filling,
}

/// By which command an archive is filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filling {
    /// A stack of functions: `rollcall backfill`.
    Stack,
    /// A folder: `rollcall pull --to …`.
    Folder(String),
    /// It is not known: the ledger's own remedy is shown.
    Unknown,
}

impl Filling {
    /// The command that fetches the reports of some days; `None` where it is not known.
    fn command(&self, since: jiff::civil::Date, until: jiff::civil::Date) -> Option<String> {
        match self {
            Self::Stack => Some(format!("rollcall backfill --since {since} --until {until}")),
            Self::Folder(folder) => {
                Some(format!("rollcall pull --to {} --since {since} --until {until}", quoted(folder)))
            }
            Self::Unknown => None,
        }
    }

    /// The command that fills an empty archive.
    fn first_command(&self) -> String {
        match self {
            Self::Stack => "rollcall backfill --since 2026-01-01".to_owned(),
            Self::Folder(folder) => format!("rollcall pull --to {}", quoted(folder)),
            Self::Unknown => "rollcall pull --to FOLDER".to_owned(),
        }
    }
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-~:\\".contains(letter);
    match path.chars().all(is_plain) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', "'\\''")),
    }
}

impl Pages {
    /// Asks the index, on a thread that may wait.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Index) -> Result<T, IndexError> + Send + 'static,
    ) -> Result<T, Failure> {
        let index = Arc::clone(&self.index);
        let answer = tokio::task::spawn_blocking(move || question(&index)).await;
        let sentence =
            "The index could not be read. Delete it and start again: it is made anew from the archive.";
        answer.ok().and_then(Result::ok).ok_or_else(|| Failure::internal(sentence))
    }
}

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

/// A page that was written.
fn html(page: &impl askama::Template) -> Result<Response, Failure> {
    Ok(Html(page.render()?).into_response())
}

#[cfg(test)]
mod tests;
