//! How complete the archive is: a calendar by the ledgers, and the sessions of a day with what can be done.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::files::table::Value;
use crate::index::{Completeness, IndexState, LedgerDay, Unreadable};
use crate::model::{LedgerEntry, LedgerState};
use crate::pages::Pages;
use crate::pages::export;
use crate::pages::failure::Failure;
use crate::pages::frame::{Frame, grouped, html};
use crate::pages::params::{Params, date};
use crate::pictures::calendar::{self, Calendar, WEEKDAYS};
use crate::pictures::{times, words};
use crate::rules::Rules;

/// How many weeks are shown where no days are asked for: half a year.
const WEEKS: i64 = 26;

/// The states in the order of the legend.
const STATES: [LedgerState; 8] = [
    LedgerState::Archived,
    LedgerState::Pending,
    LedgerState::Short,
    LedgerState::Missing,
    LedgerState::Absent,
    LedgerState::Lost,
    LedgerState::Doubtful,
    LedgerState::Unreachable,
];

#[derive(Template)]
#[template(path = "completeness.html")]
struct CompletenessPage {
    frame: Frame,
    lines: Vec<String>,
    unreachable: Vec<Line>,
    from: String,
    to: String,
    months: Vec<(String, usize)>,
    rows: Vec<(&'static str, Vec<DayView>)>,
    legend: Vec<(&'static str, &'static str, &'static str)>,
    day: Option<DayDetail>,
    unreadable: Vec<Unreadable>,
    files: [(&'static str, String); 2],
}

/// A cell of the calendar.
struct DayView {
    class: &'static str,
    /// The number of sessions, or the mark of the worst; empty where nothing took place.
    text: String,
    words: String,
    href: Option<String>,
    is_chosen: bool,
    is_outside: bool,
}

/// The sessions of a day, and what can be done.
struct DayDetail {
    heading: String,
    lines: Vec<Line>,
    archived: usize,
    command: Option<String>,
    files: [(&'static str, String); 2],
}

/// A session of the ledger, or a source.
struct Line {
    /// The register of the series, also where nothing of it is kept; `None` of a source.
    href: Option<String>,
    time: String,
    title: String,
    class: &'static str,
    glyph: &'static str,
    state: &'static str,
    why: String,
    remedy: String,
    fetch_by: String,
}

pub(super) async fn page(State(pages): State<Arc<Pages>>, params: Params) -> Result<Response, Failure> {
    let rules = params.rules(&pages.rules)?;
    let (format, day) = (params.format()?, date(&params.day)?);
    let (state, completeness, entries, unreadable) = pages
        .ask(move |index| {
            let entries = day.map(|day| index.ledger_day(day)).transpose()?;
            Ok((index.state()?, index.completeness()?, entries, index.unreadable()?))
        })
        .await?;
    let file = match &entries {
        Some(entries) => export::file(
            (format, &format!("completeness {}", params.day)),
            &rules.zone,
            entries,
            (&ENTRY, entry_fields),
        )?,
        None => export::file((format, "completeness"), &rules.zone, &completeness.days, (&DAY, day_fields))?,
    };
    if let Some(file) = file {
        return Ok(file);
    }
    let days = Days::of(&params, &completeness)?;
    html(
        &CompletenessPage {
            lines: lines(&completeness, days, state, &rules),
            unreachable: completeness.unreachable.iter().map(|entry| line(entry, &params, &rules)).collect(),
            from: days.from.to_string(),
            to: days.to.to_string(),
            legend: STATES
                .map(|state| (calendar::class(state), calendar::glyph(state), calendar::words(state)))
                .into(),
            day: day.zip(entries).map(|(day, entries)| detail(day, &entries, &pages, &params, &rules)),
            unreadable,
            files: files(&params, ("day", "")),
            frame: Frame::of(&pages, state, &params, &rules, ("/completeness", "Completeness")),
            months: Vec::new(),
            rows: Vec::new(),
        }
        .with(Calendar::of(&completeness.days, days.from, days.to), &params, day),
    )
}

impl CompletenessPage {
    fn with(mut self, calendar: Calendar, params: &Params, chosen: Option<Date>) -> Self {
        let row = |(weekday, cells): (&'static str, Vec<calendar::Cell>)| {
            (weekday, cells.iter().map(|cell| day_view(cell, params, chosen)).collect())
        };
        self.months = calendar.months;
        self.rows = WEEKDAYS.into_iter().zip(calendar.rows).map(row).collect();
        self
    }
}

/// The days that are shown.
#[derive(Clone, Copy)]
struct Days {
    from: Date,
    to: Date,
}

impl Days {
    /// Those of the address; else half a year to the end of the latest ledger.
    fn of(params: &Params, completeness: &Completeness) -> Result<Self, Failure> {
        let last = completeness.days.last().map(|day| day.day);
        let as_of = completeness.as_of.map(|at| at.to_zoned(TimeZone::UTC).date());
        let to = date(&params.to)?
            .or(as_of.max(last))
            .unwrap_or_else(|| Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC).date());
        let half_a_year = to.saturating_sub((WEEKS * 7 - 1).days());
        let first = completeness.days.first().map_or(half_a_year, |day| day.day.max(half_a_year));
        let from = date(&params.from)?.unwrap_or(first);
        match from <= to {
            true => Ok(Self { from, to }),
            false => Err(Failure::odd("The first day comes after the last one.")),
        }
    }
}

/// As of when, and the sums of the days that are shown.
fn lines(completeness: &Completeness, days: Days, state: IndexState, rules: &Rules) -> Vec<String> {
    let Some(as_of) = completeness.as_of else {
        return vec![format!(
            "The archive has no ledger: {} reports are kept, and whether others are missing is not known. \
             A backfill or pull writes one.",
            grouped(usize::try_from(state.reports).unwrap_or(0))
        )];
    };
    let shown = completeness.days.iter().filter(|day| (days.from..=days.to).contains(&day.day));
    let counts: Vec<(LedgerState, usize)> = shown.flat_map(|day| day.counts.iter().copied()).collect();
    let of = |state: LedgerState| {
        counts.iter().filter(|(one, _)| *one == state).map(|(_, count)| count).sum::<usize>()
    };
    let sessions: usize =
        counts.iter().filter(|(state, _)| calendar::is_session(*state)).map(|(_, count)| count).sum();
    let named = [
        (LedgerState::Archived, "archived"),
        (LedgerState::Missing, "missing"),
        (LedgerState::Absent, "without report"),
        (LedgerState::Short, "short"),
        (LedgerState::Pending, "pending"),
        (LedgerState::Lost, "lost"),
    ];
    let named = named.into_iter().map(|(state, name)| (of(state), name)).filter(|(count, _)| *count > 0);
    let mut named: Vec<String> = named.map(|(count, name)| format!("{} {name}", grouped(count))).collect();
    // Lines of sources are of no session: they are counted beside the sessions.
    for (state, name) in [(LedgerState::Doubtful, "doubtful"), (LedgerState::Unreachable, "not looked at")] {
        let sources = completeness.unreachable.iter().filter(|entry| entry.state == state).count();
        match of(state) + sources {
            0 => {}
            1 => named.push(format!("1 source {name}")),
            count => named.push(format!("{} sources {name}", grouped(count))),
        }
    }
    let as_of = times::moment(as_of, &rules.zone);
    vec![format!(
        "Ledger of {as_of} · days in UTC · {} {}: {}",
        grouped(sessions),
        if sessions == 1 { "session" } else { "sessions" },
        named.join(", ")
    )]
}

fn day_view(cell: &calendar::Cell, params: &Params, chosen: Option<Date>) -> DayView {
    let class = cell.state.map_or("nothing", calendar::class);
    let text = match cell.state {
        Some(LedgerState::Archived) => cell.sessions.to_string(),
        Some(state) => calendar::glyph(state).to_owned(),
        None => String::new(),
    };
    let state = cell.state.map_or("nothing took place", calendar::words);
    DayView {
        class,
        text,
        words: format!("{}: {} sessions, {state}", cell.day.strftime("%a %-d %b %Y"), cell.sessions),
        href: cell.state.map(|_| params.href("/completeness", &[("day", &cell.day.to_string())]) + "#day"),
        is_chosen: chosen == Some(cell.day),
        is_outside: cell.is_outside,
    }
}

fn detail(day: Date, entries: &[LedgerEntry], pages: &Pages, params: &Params, rules: &Rules) -> DayDetail {
    let count = |state: LedgerState| entries.iter().filter(|entry| entry.state == state).count();
    let sessions = entries.iter().filter(|entry| calendar::is_session(entry.state)).count();
    let states: Vec<String> = STATES
        .iter()
        .filter(|state| count(**state) > 0)
        .map(|state| format!("{} {}", count(*state), calendar::words(*state)))
        .collect();
    let open = entries.iter().filter(|entry| entry.state != LedgerState::Archived);
    let can_be_fetched =
        |entry: &LedgerEntry| matches!(entry.state, LedgerState::Missing | LedgerState::Short);
    let until = day.tomorrow().unwrap_or(day);
    let command = entries.iter().any(can_be_fetched).then(|| pages.filling.command(day, until)).flatten();
    let has_remedy = |entry: &LedgerEntry| command.is_none() || !can_be_fetched(entry);
    let line = |entry: &LedgerEntry| match line(entry, params, rules) {
        line if has_remedy(entry) => line,
        line => Line { remedy: String::new(), ..line },
    };
    DayDetail {
        heading: format!("{} · {sessions} sessions: {}", day.strftime("%A %-d %B %Y"), states.join(", ")),
        lines: open.map(line).collect(),
        archived: count(LedgerState::Archived),
        command,
        files: files(params, ("day", &day.to_string())),
    }
}

fn files(params: &Params, day: (&str, &str)) -> [(&'static str, String); 2] {
    [("CSV", "csv"), ("JSON", "json")]
        .map(|(label, format)| (label, params.to("/completeness", &[("format", format), day])))
}

fn line(entry: &LedgerEntry, params: &Params, rules: &Rules) -> Line {
    // Graph keeps a report for a year.
    let by = |at: Timestamp| at.to_zoned(rules.zone.clone()).checked_add(1.year()).ok();
    let fetch_by = entry.start.filter(|_| entry.state == LedgerState::Missing).and_then(by);
    Line {
        href: entry.start.and(entry.series.as_ref()).map(|series| params.series_href(series)),
        time: entry.start.map_or(String::new(), |at| times::time(at, &rules.zone)),
        title: entry
            .title
            .as_ref()
            .map_or_else(|| words::clean(&entry.source), |title| words::clean(title.shown())),
        class: calendar::class(entry.state),
        glyph: calendar::glyph(entry.state),
        state: calendar::words(entry.state),
        why: entry.outcome.as_deref().map(words::clean).unwrap_or_default(),
        remedy: entry.remedy.as_deref().map(words::clean).unwrap_or_default(),
        fetch_by: fetch_by
            .map(|day| format!("Fetch by {}: Graph keeps a report for one year.", day.strftime("%-d %B %Y")))
            .unwrap_or_default(),
    }
}

const ENTRY: [&str; 9] =
    ["State", "Start", "Title", "Source", "Report id", "Session id", "Outcome", "Remedy", "As of"];

fn entry_fields(entry: &LedgerEntry) -> Vec<Value> {
    vec![
        Value::from(state_name(entry.state)),
        Value::time(entry.start),
        Value::text(entry.title.as_ref()),
        Value::from(entry.source.clone()),
        Value::string(entry.report_id.as_ref()),
        Value::string(entry.session_id.as_ref()),
        Value::string(entry.outcome.as_ref()),
        Value::string(entry.remedy.as_ref()),
        Value::time(Some(entry.as_of)),
    ]
}

const DAY: [&str; 9] =
    ["Day", "Archived", "Pending", "Short", "Doubtful", "Absent", "Missing", "Lost", "Not looked at"];

fn day_fields(day: &LedgerDay) -> Vec<Value> {
    let of = |state: LedgerState| {
        Value::count(day.counts.iter().filter(|(one, _)| *one == state).map(|(_, count)| count).sum())
    };
    use LedgerState::{Absent, Archived, Doubtful, Lost, Missing, Pending, Short};
    let counts = [Archived, Pending, Short, Doubtful, Absent, Missing, Lost].map(of);
    let unlooked = Value::yes(day.has_unreachable);
    std::iter::once(Value::from(day.day.to_string())).chain(counts).chain([unlooked]).collect()
}

/// The state's name in the ledger.
fn state_name(state: LedgerState) -> String {
    format!("{state:?}").to_lowercase()
}
