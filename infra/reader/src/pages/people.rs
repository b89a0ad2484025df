//! People: everybody who is in a report, by name or address.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::files::table::Value;
use crate::index::PersonLine;
use crate::pages::Pages;
use crate::pages::export::{self, Format};
use crate::pages::failure::Failure;
use crate::pages::frame::{Frame, Pager, grouped, html};
use crate::pages::params::{Params, ROWS};
use crate::pages::sessions::EVERY;
use crate::text::Text;
use crate::times;
use crate::words::{self, one_line};

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    frame: Frame,
    search: String,
    rows: Vec<PersonRow>,
    pager: Pager,
}

struct PersonRow {
    href: String,
    name: String,
    address: String,
    sessions: String,
    last: String,
}

pub(super) async fn page(State(pages): State<Arc<Pages>>, params: Params) -> Result<Response, Failure> {
    let rules = params.rules(&pages.rules)?;
    let (format, page, search) = (params.format()?, params.page()?, params.search());
    let (offset, limit) = if format == Format::Page { (page * ROWS, ROWS) } else { (0, EVERY) };
    let (state, found) =
        pages.ask(move |index| Ok((index.state()?, index.people(search.as_deref(), offset, limit)?))).await?;
    let fields = |line: &PersonLine| {
        vec![
            Value::text(line.name.as_ref()),
            Value::text(line.address.as_ref()),
            Value::count(line.sessions),
            Value::time(line.last),
            Value::Text(line.key.clone()),
        ]
    };
    let headings = ["Name", "Address", "Sessions", "Last", "Key"];
    if let Some(file) = export::file((format, "people"), &rules.zone, &found.rows, (&headings, fields))? {
        return Ok(file);
    }
    let row = |line: &PersonLine| PersonRow {
        href: params.to("/person", &[("key", &line.key)]),
        name: one_line(&words::name_of(line.name.as_ref(), line.address.as_ref())),
        address: shown(line.address.as_ref()).unwrap_or_else(|| one_line(&line.key)),
        sessions: grouped(line.sessions),
        last: line.last.map_or(String::new(), |at| times::day(at, &rules.zone)),
    };
    html(&PeoplePage {
        frame: Frame::of(&pages, state, &params, &rules, ("/people", "People")),
        rows: found.rows.iter().map(row).collect(),
        pager: Pager::of(&params, "/people", (page, ROWS), found.total),
        search: params.search,
    })
}

fn shown(text: Option<&Text>) -> Option<String> {
    text.map(|text| one_line(text.shown())).filter(|text| !text.trim().is_empty())
}
