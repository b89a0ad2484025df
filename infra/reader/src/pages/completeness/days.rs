//! The days that are shown, and each as a cell of the calendar.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::index::Completeness;
use crate::model::LedgerState;
use crate::pages::failure::Failure;
use crate::pages::params::{Params, date};
use crate::pictures::calendar;

/// How many weeks are shown where no days are asked for: half a year.
const WEEKS: i64 = 26;

/// A cell of the calendar.
pub(super) struct DayView {
    pub(super) class: &'static str,
    /// The number of sessions, or the mark of the worst; empty where nothing took place.
    pub(super) text: String,
    pub(super) words: String,
    pub(super) href: Option<String>,
    pub(super) is_chosen: bool,
    pub(super) is_outside: bool,
}

/// The days that are shown.
#[derive(Clone, Copy)]
pub(super) struct Days {
    pub(super) from: Date,
    pub(super) to: Date,
}

impl Days {
    /// Those of the address; else half a year to the end of the latest ledger.
    pub(super) fn of(params: &Params, completeness: &Completeness) -> Result<Self, Failure> {
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

pub(super) fn day_view(cell: &calendar::Cell, params: &Params, chosen: Option<Date>) -> DayView {
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
