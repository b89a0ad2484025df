//! One session: its page, which is written beside, its table as a file, and its picture.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

use crate::files::{csv, json};
use crate::pages::downloads::unwritten;
use crate::pages::export::{Format, attachment};
use crate::pages::failure::Failure;
use crate::pages::loaded::{Loaded, load, ordered};
use crate::pages::params::Params;
use crate::pages::state::elsewhere;
use crate::pages::{Pages, revisions, session_page};
use crate::pictures::Timeline;
use crate::session::Attendee;

pub(super) async fn page(State(pages): State<Arc<Pages>>, params: Params) -> Result<Response, Failure> {
    let loaded = load(&pages, &params).await?;
    match params.format()? {
        Format::Page => {
            let differences = revisions::differences(&pages, &loaded).await;
            let page = session_page::page(&pages, &loaded, &params, &differences);
            loaded.free();
            page
        }
        format => elsewhere(move || file(loaded, &params, format)).await,
    }
}

/// The table of the page as a file: the people who are looked for, in the page's order, on all its pages.
fn file(mut loaded: Loaded, params: &Params, format: Format) -> Result<Response, Failure> {
    let attendees: Vec<Attendee> = ordered(&loaded.session, params)?.into_iter().cloned().collect();
    loaded.session.attendees = attendees;
    let written = match format {
        Format::Json => json::session(&loaded.session, &loaded.rules)
            .map(|file| attachment(&loaded.file_name("json"), "application/json", file)),
        Format::Csv | Format::Page => {
            let file = csv::attendees(&loaded.session, &loaded.rules, csv::CsvOptions::default());
            file.map(|file| attachment(&loaded.file_name("csv"), "text/csv; charset=utf-8", file))
        }
    };
    written.map_err(unwritten)
}

/// The picture as a file; in a page with many people it is shown from here, too.
pub(super) async fn picture(State(pages): State<Arc<Pages>>, params: Params) -> Result<Response, Failure> {
    let loaded = load(&pages, &params).await?;
    let attendees = ordered(&loaded.session, &params)?;
    let absentees = loaded.absentees(loaded.registrants().as_ref());
    let timeline = Timeline {
        session: &loaded.session,
        rules: &loaded.rules,
        attendees: &attendees,
        absentees: &absentees,
    };
    let picture = match params.show.as_str() {
        "inside" => timeline.inside(),
        _ => timeline.file(),
    };
    let name = loaded.file_name("svg");
    loaded.free();
    let picture =
        picture.ok_or_else(|| Failure::odd("No times are known of this session: it has no picture."))?;
    match params.show.as_str() {
        "inside" => Ok(([(CONTENT_TYPE, "image/svg+xml")], picture).into_response()),
        _ => Ok(attachment(&name, "image/svg+xml", picture)),
    }
}
