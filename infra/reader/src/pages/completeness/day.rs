//! The sessions of one day, and what can be done.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::files::links;
use crate::model::{LedgerEntry, LedgerState};
use crate::pages::Pages;
use crate::pages::params::Params;
use crate::pictures::calendar;
use crate::rules::Rules;
use crate::times;
use crate::words::one_line;

/// The states in the order of the legend.
pub(super) const STATES: [LedgerState; 8] = [
    LedgerState::Archived,
    LedgerState::Pending,
    LedgerState::Short,
    LedgerState::Missing,
    LedgerState::Absent,
    LedgerState::Lost,
    LedgerState::Doubtful,
    LedgerState::Unreachable,
];

/// The sessions of a day, and what can be done.
pub(super) struct DayDetail {
    pub(super) heading: String,
    pub(super) lines: Vec<Line>,
    pub(super) archived: usize,
    pub(super) command: Option<String>,
    pub(super) files: [(&'static str, String); 2],
}

/// A session of the ledger, or a source.
pub(super) struct Line {
    /// The register of the series, also where nothing of it is kept; `None` of a source.
    pub(super) href: Option<String>,
    pub(super) time: String,
    pub(super) title: String,
    pub(super) class: &'static str,
    pub(super) glyph: &'static str,
    pub(super) state: &'static str,
    pub(super) why: String,
    pub(super) remedy: String,
    pub(super) fetch_by: String,
}

pub(super) fn detail(
    day: Date,
    entries: &[LedgerEntry],
    pages: &Pages,
    params: &Params,
    rules: &Rules,
) -> DayDetail {
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
    let command = entries.iter().any(can_be_fetched).then(|| pages.fetch_command.of_days(day, until));
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
        files: links(params, ("day", &day.to_string())),
    }
}

pub(super) fn line(entry: &LedgerEntry, params: &Params, rules: &Rules) -> Line {
    // Graph keeps a report for a year.
    let by = |at: Timestamp| at.to_zoned(rules.zone.clone()).checked_add(1.year()).ok();
    let fetch_by = entry.start.filter(|_| entry.state == LedgerState::Missing).and_then(by);
    Line {
        href: entry.start.and(entry.series.as_ref()).map(|series| params.series_href(series)),
        time: entry.start.map_or(String::new(), |at| times::time(at, &rules.zone)),
        title: entry.title.as_ref().map_or_else(|| one_line(&entry.source), |title| one_line(title.shown())),
        class: calendar::class(entry.state),
        glyph: calendar::glyph(entry.state),
        state: calendar::words(entry.state),
        why: entry.outcome.as_deref().map(one_line).unwrap_or_default(),
        remedy: entry.remedy.as_deref().map(one_line).unwrap_or_default(),
        fetch_by: fetch_by
            .map(|day| format!("Fetch by {}: Graph keeps a report for one year.", day.strftime("%-d %B %Y")))
            .unwrap_or_default(),
    }
}
