//! How complete the archive is: a calendar by the ledgers, and the sessions of a day with what can be done.

mod day;
mod days;
mod files;

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;

use crate::index::{Completeness, IndexState, Unreadable};
use crate::model::LedgerState;
use crate::pages::Pages;
use crate::pages::export;
use crate::pages::failure::Failure;
use crate::pages::frame::{Frame, grouped, html};
use crate::pages::params::{Params, date};
use crate::pictures::calendar::{self, Calendar, WEEKDAYS};
use crate::rules::Rules;
use crate::times;
use day::{DayDetail, Line, STATES, detail, line};
use days::{DayView, Days, day_view};
use files::{DAY, ENTRY, day_fields, entry_fields, links};

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
            files: links(&params, ("day", "")),
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
