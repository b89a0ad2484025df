//! The series: meetings, webinars and town halls, each with its sessions.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::files::table::Value;
use crate::index::SeriesLine;
use crate::pages::Pages;
use crate::pages::export::{self, Format};
use crate::pages::failure::Failure;
use crate::pages::frame::{Frame, Pager, grouped, html};
use crate::pages::params::{Params, ROWS};
use crate::pages::sessions::EVERY;
use crate::times;
use crate::words::{self, one_line};

#[derive(Template)]
#[template(path = "series.html")]
struct SeriesPage {
    frame: Frame,
    search: String,
    rows: Vec<SeriesRow>,
    pager: Pager,
}

struct SeriesRow {
    href: String,
    title: String,
    kind: &'static str,
    organizer: String,
    sessions: String,
    first: String,
    last: String,
    is_of_channel: bool,
}

pub(super) async fn page(State(pages): State<Arc<Pages>>, params: Params) -> Result<Response, Failure> {
    let rules = params.rules(&pages.rules)?;
    let (format, page, search) = (params.format()?, params.page()?, params.search());
    let (offset, limit) = if format == Format::Page { (page * ROWS, ROWS) } else { (0, EVERY) };
    let (state, found) =
        pages.ask(move |index| Ok((index.state()?, index.series(search.as_deref(), offset, limit)?))).await?;
    let fields = |line: &SeriesLine| {
        vec![
            Value::text(line.title.as_ref()),
            Value::Text(line.id.kind.name().to_owned()),
            Value::Text(line.id.id.clone()),
            Value::text(line.organizer.name.as_ref()),
            Value::count(line.sessions),
            Value::time(line.first),
            Value::time(line.last),
        ]
    };
    let headings = ["Title", "Kind", "Series", "Organizer", "Sessions", "First", "Last"];
    if let Some(file) = export::file((format, "series"), &rules.zone, &found.rows, (&headings, fields))? {
        return Ok(file);
    }
    let day = |at: Option<jiff::Timestamp>| at.map_or(String::new(), |at| times::day(at, &rules.zone));
    let row = |line: &SeriesLine| SeriesRow {
        href: params.series_href(&line.id),
        title: one_line(words::title(line.title.as_ref())),
        kind: words::kind(line.id.kind),
        organizer: [&line.organizer.name, &line.organizer.address]
            .into_iter()
            .flatten()
            .next()
            .map_or(String::new(), |text| one_line(text.shown())),
        sessions: grouped(line.sessions),
        first: day(line.first),
        last: day(line.last),
        is_of_channel: line.id.channel_title.is_some(),
    };
    html(&SeriesPage {
        frame: Frame::of(&pages, state, &params, &rules, ("/series", "Series")),
        rows: found.rows.iter().map(row).collect(),
        pager: Pager::of(&params, "/series", (page, ROWS), found.total),
        search: params.search,
    })
}
