//! The page of one session: the picture, the people, who did not come, and where it all comes from.

mod notices;
mod parts;
mod registrants;
mod rows;

use std::collections::BTreeMap;

use askama::Template;
use axum::response::Response;
use jiff::SignedDuration;

use crate::pages::Pages;
use crate::pages::failure::Failure;
use crate::pages::frame::{Frame, Heading, Pager, grouped, headings, html};
use crate::pages::loaded::{Loaded, ordered};
use crate::pages::params::{Params, ROWS};
use crate::pages::rules_form::RulesForm;
use crate::pictures::Timeline;
use crate::times;
use crate::words::{self, one_line};
use notices::notices;
use parts::{PartView, part_view};
use registrants::{Named, apart};
use rows::{PersonRow, row};

/// The largest picture that stands in the page itself: a larger one is shown from its own address.
const LARGEST_INSIDE: usize = 60_000;

#[derive(Template)]
#[template(path = "session.html")]
struct SessionPage {
    frame: Frame,
    series: String,
    lines: Vec<String>,
    notices: Vec<String>,
    picture: Option<String>,
    picture_href: Option<String>,
    form: RulesForm,
    search: String,
    key: String,
    headings: Vec<Heading>,
    rows: Vec<PersonRow>,
    pager: Pager,
    apart: Vec<(&'static str, Vec<Named>)>,
    parts: Vec<PartView>,
    files: Vec<(String, String)>,
}

const COLUMNS: [(&str, &str, &str, bool); 9] = [
    ("Role", "role", "", false),
    ("Name", "name", "", false),
    ("Address", "", "", false),
    ("First join", "join", "", false),
    ("Last leave", "leave", "", false),
    ("Minutes", "minutes", "number", true),
    ("Graph", "graph", "number", true),
    ("Joins", "joins", "number", true),
    ("Mark", "mark", "", false),
];

/// The page; `differences` are those of other answers from the current ones, by their keys.
pub(super) fn page(
    pages: &Pages,
    loaded: &Loaded,
    params: &Params,
    differences: &BTreeMap<String, String>,
) -> Result<Response, Failure> {
    let session = &loaded.session;
    let attendees = ordered(session, params)?;
    let page = params.page()?;
    let absentees = loaded.absentees();
    let timeline = Timeline { session, rules: &loaded.rules, attendees: &attendees, absentees: &absentees };
    let picture = timeline.figure();
    let is_large = picture.as_ref().is_some_and(|picture| picture.len() > LARGEST_INSIDE);
    let [_, when, counts] = timeline.heading();
    let title = one_line(words::title(session.title.as_ref()));
    let shown = attendees.iter().skip(page * ROWS).take(ROWS);
    html(&SessionPage {
        frame: Frame::of(pages, loaded.state, params, &loaded.rules, ("/session", &title)),
        series: params.series_href(&session.series),
        lines: vec![when, counts, window_words(loaded)],
        notices: notices(loaded),
        picture_href: is_large
            .then(|| params.href("/session/picture.svg", &[("show", "inside"), ("page", "")])),
        picture: picture.filter(|_| !is_large),
        form: RulesForm::of(params, &loaded.rules, "/session"),
        search: params.search.clone(),
        key: params.key.clone(),
        headings: headings(params, "/session", &COLUMNS),
        rows: shown.map(|attendee| row(attendee, loaded, params)).collect(),
        pager: Pager::of(params, "/session", (page, ROWS), attendees.len()),
        apart: apart(loaded),
        parts: session
            .parts
            .iter()
            .map(|part| part_view(part, params, &loaded.rules.zone, differences))
            .collect(),
        files: files(params, loaded),
    })
}

/// What the minutes are of, and by which rules.
fn window_words(loaded: &Loaded) -> String {
    let Some(window) = loaded.session.window else {
        return "No time is known: nobody has minutes.".to_owned();
    };
    let hours = times::hours(window.span, &loaded.rules.zone);
    let length = SignedDuration::from_secs(window.span.seconds());
    let basis = words::window(window.basis);
    format!("Minutes within {hours}: {basis}, {} min", length.as_mins())
}

/// The files that can be taken away.
fn files(params: &Params, loaded: &Loaded) -> Vec<(String, String)> {
    let key: (&str, &str) = ("key", &params.key);
    let mut files: Vec<(String, String)> = [
        ("CSV, a line a person", "/session/people.csv"),
        ("CSV, a line a record", "/session/records.csv"),
        ("Teams CSV", "/session/teams.csv"),
        ("Teams CSV with engagement columns", "/session/teams-engagement.csv"),
        ("XLSX", "/session/people.xlsx"),
        ("JSON", "/session/people.json"),
        ("SVG", "/session/picture.svg"),
    ]
    .into_iter()
    .map(|(label, path)| (label.to_owned(), params.to(path, &[key])))
    .collect();
    if !loaded.registrations.is_empty() {
        let label = format!("CSV of {} registrations", grouped(loaded.registrations.len()));
        files.push((label, params.to("/session/registrants.csv", &[key])));
    }
    files
}
