//! The register of a series: people down, 26 sessions across, and the rules by which it is made.

mod links;
mod notes;

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use shared::ports::clock::{Clock, SystemClock};

use crate::files::html::RegisterTable;
use crate::index::{IndexState, SeriesQuery};
use crate::pages::Pages;
use crate::pages::failure::Failure;
use crate::pages::frame::{Frame, Pager, html};
use crate::pages::mark::MarkView;
use crate::pages::params::{Params, ROWS};
use crate::pages::rules_form::RulesForm;
use crate::register::{ColumnOf, Register, Row};
use crate::rules::Mark;
use crate::times;
use crate::words::{self, one_line, row_address, row_name};
use links::{ColumnsPager, Link, SESSIONS, columns_pager, files, shows, sorts};
use notes::{Note, days_not_kept, notes};

/// How many cells a page has at most, so that it stays small; but it has 25 people however many sessions there are.
const CELLS: usize = 1_400;

/// How many people stand on a page of so many sessions.
fn rows_of(sessions: usize) -> usize {
    (CELLS / sessions.clamp(1, SESSIONS)).clamp(25, ROWS)
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterPage {
    frame: Frame,
    lines: Vec<String>,
    form: RulesForm,
    hidden: Vec<(String, String)>,
    search: String,
    from: String,
    to: String,
    show: &'static str,
    shows: [Link; 3],
    sorts: Vec<Link>,
    table: RegisterTable,
    columns: Option<ColumnsPager>,
    pager: Pager,
    legend: Vec<MarkView>,
    /// What is not known of the sessions without a report, and where it says what can be done.
    not_kept: Vec<(String, Option<String>)>,
    notes: Vec<(&'static str, Vec<Note>)>,
    files: [(&'static str, String); 4],
}

/// The register of an address.
pub(super) async fn load(pages: &Arc<Pages>, params: &Params) -> Result<(IndexState, Register), Failure> {
    let rules = params.rules(&pages.rules)?;
    let series = params.series()?;
    let query = SeriesQuery {
        series: vec![series.clone()],
        since: params.since(&rules.zone)?,
        until: params.until(&rules.zone)?,
        ..SeriesQuery::default()
    };
    let shared = Arc::clone(pages);
    let found = pages.ask(move |index| {
        let state = index.state()?;
        let reports = index.reports(&query)?;
        let registrations = index.registrations(series.kind, &series.id)?;
        let registrations: Vec<_> = registrations.into_iter().map(|one| (series.clone(), one)).collect();
        let gaps = index.gaps(&query)?;
        if reports.is_empty() && gaps.known.is_empty() && gaps.unclear.is_empty() {
            return Ok(None);
        }
        let as_of = state.as_of.unwrap_or_else(|| SystemClock.now());
        let roster = shared.roster.as_ref();
        Ok(Some((state, Register::of(reports, &registrations, gaps, roster, &rules, as_of))))
    });
    found.await?.ok_or_else(|| Failure::not_found("series, or no session of it on these days"))
}

pub(super) async fn page(State(pages): State<Arc<Pages>>, params: Params) -> Result<Response, Failure> {
    if !params.format.is_empty() {
        return Err(Failure::odd(
            "The files of a register lie at /register/register.csv, .json, .xlsx and .html.",
        ));
    }
    let (state, mut register) = load(&pages, &params).await?;
    let (page, first) = (params.page()?, params.columns()? * SESSIONS);
    let rows = rows_of(register.columns.len());
    let notes = notes(&register, &params);
    let lines = about(&register);
    choose(&mut register.rows, &params)?;
    let total = register.rows.len();
    register.rows = register.rows.into_iter().skip(page * rows).take(rows).collect();
    let count = register.columns.len();
    let end = count.min(first + SESSIONS);
    let mut table = RegisterTable::of(&register, first.min(end)..end);
    link(&mut table, &register, first, &params);
    let title = one_line(words::title(register.title.as_ref()));
    let mut pager = Pager::of(&params, "/register", (page, rows), total);
    pager.files.clear();
    let hidden = ["search", "from", "to", "page", "columns"];
    html(&RegisterPage {
        frame: Frame::of(&pages, state, &params, &register.rules, ("/register", &title)),
        lines,
        form: RulesForm::of(&params, &register.rules, "/register"),
        hidden: params.pairs().into_iter().filter(|(name, _)| !hidden.contains(&name.as_str())).collect(),
        show: show(&params)?,
        shows: shows(&params),
        sorts: sorts(&params),
        table,
        columns: columns_pager(&params, first / SESSIONS, count),
        pager,
        legend: Mark::ALL.map(|mark| MarkView::in_a_word(mark, &register.rules)).into(),
        not_kept: words::not_kept(&register).into_iter().zip(days_not_kept(&register, &params)).collect(),
        notes,
        files: files(&params),
        search: params.search,
        from: params.from,
        to: params.to,
    })
}

fn show(params: &Params) -> Result<&'static str, Failure> {
    match params.show.as_str() {
        "" => Ok("both"),
        "marks" => Ok("marks"),
        "minutes" => Ok("minutes"),
        _ => Err(Failure::odd("A register shows marks or minutes.")),
    }
}

/// `6 sessions · roster autumn.csv: 8 people`, and how they were matched.
fn about(register: &Register) -> Vec<String> {
    let who = match &register.roster {
        Some((name, lines)) => format!("roster {name} ({lines})"),
        None => format!("{} people, all who are in a report", register.rows.len()),
    };
    let first = register.columns.iter().find_map(|column| column.start);
    let zone = first.map(|at| times::zone_at(&register.rules.zone, at)).unwrap_or_default();
    let sessions = match register.columns.len() {
        1 => "1 session".to_owned(),
        count => format!("{count} sessions"),
    };
    let mut about = vec![format!("{sessions} · {zone} · {who}")];
    if register.series.iter().any(|series| series.channel_title.is_some()) {
        about
            .push("A channel's list mixes all its meetings: this series goes by title and start.".to_owned());
    }
    about
}

/// The rows that are looked for, in the order of the address.
fn choose(rows: &mut Vec<Row>, params: &Params) -> Result<(), Failure> {
    if let Some(search) = params.search().map(|search| search.to_lowercase()) {
        rows.retain(|row| {
            [row_name(row), row_address(row)].iter().any(|text| text.to_lowercase().contains(&search))
        });
    }
    match params.sort.as_str() {
        "" => {}
        "name" => rows.sort_by_cached_key(|row| row_name(row).to_lowercase()),
        "present" => rows.sort_by_key(|row| std::cmp::Reverse(row.totals.present)),
        "minutes" => rows.sort_by_key(|row| std::cmp::Reverse(row.totals.seconds)),
        _ => return Err(Failure::odd("A register is sorted by name, present or minutes.")),
    }
    if params.is_reversed() {
        rows.reverse();
    }
    Ok(())
}

/// Each session and each person leads to its page.
fn link(table: &mut RegisterTable, register: &Register, first: usize, params: &Params) {
    for (head, column) in table.columns.iter_mut().zip(register.columns.iter().skip(first)) {
        head.href = match &column.of {
            ColumnOf::Session(session) => {
                session.parts.first().map(|part| params.to("/session", &[("key", &part.provenance.key)]))
            }
            ColumnOf::NotKept(entry) => entry.start.map(|at| {
                let day = times::format(at, &jiff::tz::TimeZone::UTC, "%Y-%m-%d");
                params.to("/completeness", &[("day", &day)])
            }),
        };
    }
    for (view, row) in table.rows.iter_mut().zip(&register.rows) {
        view.name = one_line(&view.name);
        view.number = one_line(&view.number);
        view.href =
            row.person.as_ref().map(|person| params.to("/person", &[("key", &person.key.to_string())]));
    }
}
