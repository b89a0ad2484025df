//! The register of a series: people down, 26 sessions across, and the rules by which it is made.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use shared::ports::clock::{Clock, SystemClock};

use crate::files::html::RegisterTable;
use crate::files::words::{self, row_address, row_name};
use crate::index::{IndexState, SeriesQuery};
use crate::pages::Pages;
use crate::pages::failure::Failure;
use crate::pages::frame::{Frame, Pager, html};
use crate::pages::params::{Params, ROWS};
use crate::pages::rules_form::RulesForm;
use crate::pages::session_page::MarkView;
use crate::pictures::times;
use crate::pictures::words::clean;
use crate::register::{ColumnOf, Register, Row};

/// How many sessions stand across a page.
const SESSIONS: usize = 26;

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

/// A link that changes how the table is shown.
struct Link {
    href: String,
    label: &'static str,
    is_here: bool,
}

/// The ways through the sessions of a long series.
struct ColumnsPager {
    words: String,
    previous: Option<String>,
    next: Option<String>,
}

/// Somebody, or a session, beside the table.
struct Note {
    words: String,
    href: Option<String>,
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
    let title = register.title.as_ref().map_or("(no title)".to_owned(), |title| clean(title.shown()));
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
        legend: words::MARKS.map(|mark| MarkView::in_a_word(mark, &register.rules)).into(),
        not_kept: words::not_kept(&register).into_iter().zip(days_not_kept(&register, &params)).collect(),
        notes,
        files: files(&params),
        search: params.search,
        from: params.from,
        to: params.to,
    })
}

/// What each cell can show.
fn shows(params: &Params) -> [Link; 3] {
    [("", "Marks and minutes"), ("marks", "Marks"), ("minutes", "Minutes")].map(|(show, label)| Link {
        href: params.href("/register", &[("show", show)]),
        label,
        is_here: params.show == show,
    })
}

/// The register as files: of all people and sessions, whatever the page shows.
fn files(params: &Params) -> [(&'static str, String); 4] {
    let all = ["page", "columns", "search", "sort", "order", "show"].map(|name| (name, ""));
    [("XLSX", "xlsx"), ("CSV", "csv"), ("JSON", "json"), ("HTML", "html")]
        .map(|(label, ending)| (label, params.href(&format!("/register/register.{ending}"), &all)))
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
        view.name = clean(&view.name);
        view.number = clean(&view.number);
        view.href =
            row.person.as_ref().map(|person| params.to("/person", &[("key", &person.key.to_string())]));
    }
}

fn sorts(params: &Params) -> Vec<Link> {
    let sort = |(sort, label): (&str, &'static str)| {
        let is_here = params.sort == sort;
        let order = if is_here && !params.is_reversed() { "reversed" } else { "" };
        Link {
            href: params.href("/register", &[("sort", sort), ("order", order), ("page", "")]),
            label,
            is_here,
        }
    };
    [("", "roster, or name"), ("name", "name"), ("present", "present"), ("minutes", "minutes")]
        .map(sort)
        .into()
}

fn columns_pager(params: &Params, page: usize, count: usize) -> Option<ColumnsPager> {
    let to = |page: usize| {
        params.href(
            "/register",
            &[("columns", if page == 0 { String::new() } else { (page + 1).to_string() }.as_str())],
        )
    };
    (count > SESSIONS).then(|| ColumnsPager {
        words: format!(
            "sessions {}–{} of {count}; totals over all",
            page * SESSIONS + 1,
            count.min((page + 1) * SESSIONS)
        ),
        previous: (page > 0).then(|| to(page - 1)),
        next: ((page + 1) * SESSIONS < count).then(|| to(page + 1)),
    })
}

/// Who is in no row, who may be somebody else, and which sessions have no column.
fn notes(register: &Register, params: &Params) -> Vec<(&'static str, Vec<Note>)> {
    let person = |row: &Row| Note {
        words: clean(&format!("{} {}", row_name(row), row_address(row))),
        href: row.person.as_ref().map(|person| params.to("/person", &[("key", &person.key.to_string())])),
    };
    let people = |rows: &[Row]| rows.iter().map(person).collect::<Vec<_>>();
    let ambiguous = register.rows.iter().filter_map(words::ambiguous).collect();
    let doubles = register.doubles.iter().map(|double| double.address.clone()).collect();
    let plain = |words: Vec<String>| {
        words.iter().map(|words| Note { words: clean(words), href: None }).collect::<Vec<_>>()
    };
    let stray = |session: &crate::session::Session| Note {
        words: session
            .span
            .map_or("no time known".to_owned(), |span| times::range(span, &register.rules.zone)),
        href: session.parts.first().map(|part| params.to("/session", &[("key", &part.provenance.key)])),
    };
    [
        ("Not on the roster", people(&register.not_on_roster)),
        ("Ambiguous", plain(ambiguous)),
        ("In several lines of the roster", plain(words::doubled(register))),
        ("Organizers and presenters, who stand apart", people(&register.apart)),
        ("One address, several ids", plain(doubles)),
        ("Strays, without a column", register.strays.iter().map(stray).collect()),
        ("Perhaps of this series, without a column", plain(words::unclear(register))),
    ]
    .into_iter()
    .filter(|(_, notes)| !notes.is_empty())
    .collect()
}

/// The addresses of the days of the sessions without a report, as the ledger counts them.
fn days_not_kept(register: &Register, params: &Params) -> Vec<Option<String>> {
    let not_kept = register.columns.iter().filter(|column| matches!(column.of, ColumnOf::NotKept(_)));
    let day = |start: jiff::Timestamp| start.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
    let href = |start| params.to("/completeness", &[("day", &day(start))]);
    not_kept.map(|column| column.start.map(href)).collect()
}
