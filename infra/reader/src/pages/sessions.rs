//! The sessions: a list with search, kind and days, 200 a page.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::files::table::Value;
use crate::index::{SessionLine, SessionQuery, SessionSort};
use crate::pages::Pages;
use crate::pages::export::{self, Format};
use crate::pages::failure::Failure;
use crate::pages::frame::{Frame, Heading, Pager, grouped, headings, html};
use crate::pages::params::{Params, ROWS};
use crate::pictures::{minutes, sparkline};
use crate::rules::Rules;
use crate::times;
use crate::words::{self, one_line};

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    frame: Frame,
    search: String,
    from: String,
    to: String,
    /// The kinds as links, each with its number.
    facets: Vec<Facet>,
    kind: String,
    headings: Vec<Heading>,
    rows: Vec<SessionRow>,
    pager: Pager,
    /// The command that fills the archive, where it is empty.
    empty: Option<String>,
}

struct Facet {
    href: String,
    label: String,
    is_chosen: bool,
}

struct SessionRow {
    href: String,
    when: String,
    title: String,
    series: String,
    kind: &'static str,
    organizer: String,
    people: String,
    minutes: String,
    curve: String,
    kept: &'static str,
    kept_words: String,
}

const COLUMNS: [(&str, &str, &str, bool); 8] = [
    ("When", "start", "", true),
    ("Title", "title", "", false),
    ("Kind", "", "", false),
    ("Organizer", "organizer", "", false),
    ("People", "people", "number", true),
    ("Minutes", "minutes", "number", true),
    ("Curve", "", "", false),
    ("Kept", "", "", false),
];

pub(super) async fn page(State(pages): State<Arc<Pages>>, params: Params) -> Result<Response, Failure> {
    let rules = params.rules(&pages.rules)?;
    let query = query(&params, &rules)?;
    let format = params.format()?;
    let any_kind = SessionQuery { kind: None, ..query.clone() };
    let (state, kinds, found) = pages
        .ask(move |index| Ok((index.state()?, index.kinds(&any_kind)?, index.sessions(&query)?)))
        .await?;
    if let Some(file) = export::file((format, "sessions"), &rules.zone, &found.rows, (&FIELDS, fields))? {
        return Ok(file);
    }
    let facet = |(kind, count): (crate::model::Kind, usize)| Facet {
        href: params.href("/", &[("kind", kind.name()), ("page", "")]),
        label: format!("{} ({})", words::kind(kind), grouped(count)),
        is_chosen: params.kind == kind.name(),
    };
    html(&SessionsPage {
        frame: Frame::of(&pages, state, &params, &rules, ("/", "Sessions")),
        facets: kinds.into_iter().map(facet).collect(),
        kind: params.kind.clone(),
        headings: headings(&params, "/", &COLUMNS),
        pager: Pager::of(&params, "/", (params.page()?, ROWS), found.total),
        rows: found.rows.iter().map(|line| row(line, &params, &rules)).collect(),
        empty: (state.reports == 0).then(|| pages.fetch_command.of_all()),
        search: params.search,
        from: params.from,
        to: params.to,
    })
}

fn query(params: &Params, rules: &Rules) -> Result<SessionQuery, Failure> {
    let sort = match params.sort.as_str() {
        "" | "start" => SessionSort::Start,
        "title" => SessionSort::Title,
        "organizer" => SessionSort::Organizer,
        "people" => SessionSort::People,
        "minutes" => SessionSort::Minutes,
        _ => return Err(Failure::odd("Sessions are sorted by start, title, organizer, people or minutes.")),
    };
    let is_page = params.format()? == Format::Page;
    Ok(SessionQuery {
        search: params.search(),
        kind: params.kind()?,
        since: params.since(&rules.zone)?,
        until: params.until(&rules.zone)?,
        sort,
        is_reversed: params.is_reversed(),
        offset: if is_page { params.page()? * ROWS } else { 0 },
        limit: if is_page { ROWS } else { EVERY },
        ..SessionQuery::default()
    })
}

/// How many rows a file has at most.
pub(super) const EVERY: usize = 1_000_000;

fn row(line: &SessionLine, params: &Params, rules: &Rules) -> SessionRow {
    let organizer = [&line.organizer.name, &line.organizer.address];
    let (kept, kept_words) = kept(line);
    SessionRow {
        href: params.to("/session", &[("key", &line.key)]),
        when: line.span.map_or("no time known".to_owned(), |span| times::range(span, &rules.zone)),
        title: one_line(words::title(line.title.as_ref())),
        series: params.series_href(&line.series),
        kind: words::kind(line.series.kind),
        organizer: organizer
            .into_iter()
            .flatten()
            .next()
            .map_or(String::new(), |text| one_line(text.shown())),
        people: grouped(line.people),
        minutes: minutes(line.mean_seconds),
        curve: sparkline(&line.curve),
        kept,
        kept_words,
    }
}

/// Whether the reports are whole, as a glyph and in words.
fn kept(line: &SessionLine) -> (&'static str, String) {
    let parts = match line.parts {
        1 => String::new(),
        parts => format!("{parts} reports"),
    };
    match (line.is_short, line.participants) {
        (true, Some(count)) => ("≠", format!("Graph counts {count} {parts}")),
        (true, None) => ("≠", format!("short {parts}")),
        (false, _) => ("✓", if parts.is_empty() { "kept".to_owned() } else { parts }),
    }
}

const FIELDS: [&str; 12] = [
    "Start",
    "End",
    "Title",
    "Kind",
    "Series",
    "Organizer",
    "Organizer address",
    "People",
    "Participants",
    "Mean seconds",
    "Reports",
    "Key",
];

fn fields(line: &SessionLine) -> Vec<Value> {
    vec![
        Value::time(line.span.map(|span| span.start)),
        Value::time(line.span.map(|span| span.end)),
        Value::text(line.title.as_ref()),
        Value::Text(line.series.kind.name().to_owned()),
        Value::Text(line.series.id.clone()),
        Value::text(line.organizer.name.as_ref()),
        Value::text(line.organizer.address.as_ref()),
        Value::count(line.people),
        Value::number(line.participants),
        Value::number(line.mean_seconds),
        Value::count(line.parts),
        Value::Text(line.key.clone()),
    ]
}
