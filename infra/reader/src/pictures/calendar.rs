//! The calendar of an archive: weeks across, weekdays down, the number of sessions or the mark of the worst in each day.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::index::LedgerDay;
use crate::model::LedgerState;

/// The most weeks of one calendar: a year and a day of each end.
pub const WEEKS: usize = 54;

/// The weekdays, in their order.
pub const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A calendar of weeks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The months across: the name, and over how many weeks it goes.
    pub months: Vec<(String, usize)>,
    /// Seven rows, Monday first: one cell a week.
    pub rows: Vec<Vec<Cell>>,
}

/// A day of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The day, in UTC as the ledgers have it.
    pub day: Date,
    /// Whether it lies before the first or after the last day that is shown.
    pub is_outside: bool,
    /// How many sessions took place.
    pub sessions: usize,
    /// The worst state of the day; `None` where nothing took place and every source was looked at.
    pub state: Option<LedgerState>,
}

impl Calendar {
    /// The calendar from one day to another. The first [`WEEKS`] weeks at most.
    pub fn of(days: &[LedgerDay], from: Date, to: Date) -> Self {
        let monday = monday_of(from);
        let weeks = usize::try_from((to - monday).get_days() / 7 + 1).unwrap_or(1).clamp(1, WEEKS);
        let by_day: BTreeMap<Date, &LedgerDay> = days.iter().map(|day| (day.day, day)).collect();
        let day = |week: usize, weekday: usize| monday.saturating_add(((week * 7 + weekday) as i64).days());
        let cell = |date: Date| cell(date, by_day.get(&date).copied(), date < from || date > to);
        let rows = (0..7).map(|weekday| (0..weeks).map(|week| cell(day(week, weekday))).collect()).collect();
        Self { months: months((0..weeks).map(|week| day(week, 0).max(from))), rows }
    }
}

/// The name of each month, over the weeks whose first day is in it.
fn months(weeks: impl Iterator<Item = Date>) -> Vec<(String, usize)> {
    let mut months: Vec<(Date, usize)> = Vec::new();
    for monday in weeks {
        match months.last_mut() {
            Some((first, weeks)) if first.first_of_month() == monday.first_of_month() => *weeks += 1,
            _ => months.push((monday, 1)),
        }
    }
    // A week is 35 wide: the whole name with its year fits over four.
    let name = |(first, weeks): (Date, usize)| match weeks {
        1..=3 => (first.strftime("%b").to_string(), weeks),
        _ => (first.strftime("%B %Y").to_string(), weeks),
    };
    months.into_iter().map(name).collect()
}

fn monday_of(day: Date) -> Date {
    let after = i64::from(day.weekday().since(Weekday::Monday));
    day.saturating_sub(after.days())
}

fn cell(day: Date, ledger: Option<&LedgerDay>, is_outside: bool) -> Cell {
    let Some(ledger) = ledger else { return Cell { day, is_outside, sessions: 0, state: None } };
    let unreachable = ledger.has_unreachable.then_some(LedgerState::Unreachable);
    let states = ledger.counts.iter().filter(|(_, count)| *count > 0).map(|(state, _)| *state);
    Cell {
        day,
        is_outside,
        sessions: ledger.counts.iter().filter(|(state, _)| is_session(*state)).map(|(_, count)| count).sum(),
        state: states.chain(unreachable).max_by_key(|state| weight(*state)),
    }
}

/// Whether a line of the ledger is of a session: not of a source that could not be looked at.
pub fn is_session(state: LedgerState) -> bool {
    !matches!(state, LedgerState::Doubtful | LedgerState::Unreachable)
}

/// How bad a state is: lost, missing, no report, not looked at, short, pending, archived.
fn weight(state: LedgerState) -> u8 {
    match state {
        LedgerState::Lost => 7,
        LedgerState::Missing => 6,
        LedgerState::Absent => 5,
        LedgerState::Unreachable => 4,
        LedgerState::Doubtful => 3,
        LedgerState::Short => 2,
        LedgerState::Pending => 1,
        LedgerState::Archived => 0,
    }
}

/// The glyph of a state; none for what is archived.
pub fn glyph(state: LedgerState) -> &'static str {
    match state {
        LedgerState::Archived => "",
        LedgerState::Pending => "…",
        LedgerState::Short => "≠",
        LedgerState::Doubtful | LedgerState::Unreachable => "?",
        LedgerState::Absent => "∅",
        LedgerState::Missing => "!",
        LedgerState::Lost => "✕",
    }
}

/// A state in a few words, as a person reads it.
pub fn words(state: LedgerState) -> &'static str {
    match state {
        LedgerState::Archived => "archived",
        LedgerState::Pending => "pending",
        LedgerState::Short => "short: counts differ",
        LedgerState::Doubtful => "doubtful: an empty list",
        LedgerState::Unreachable => "could not be looked at",
        LedgerState::Absent => "no report after 48 h",
        LedgerState::Missing => "missing, can still be fetched",
        LedgerState::Lost => "lost: Graph has none",
    }
}

/// The class of a state in the style sheet.
pub fn class(state: LedgerState) -> &'static str {
    match state {
        LedgerState::Archived => "archived",
        LedgerState::Pending => "pending",
        LedgerState::Short => "short",
        LedgerState::Doubtful | LedgerState::Unreachable => "unlooked",
        LedgerState::Absent => "none",
        LedgerState::Missing => "missing",
        LedgerState::Lost => "lost",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(day: &str, counts: &[(LedgerState, usize)], has_unreachable: bool) -> LedgerDay {
        LedgerDay { day: day.parse().unwrap(), counts: counts.to_vec(), has_unreachable }
    }

    #[test]
    fn a_day_shows_the_worst_of_its_sessions() {
        use LedgerState::{Absent, Archived, Lost, Missing, Pending, Short};
        for (worst, less) in
            [(Lost, Missing), (Missing, Absent), (Absent, Short), (Short, Pending), (Pending, Archived)]
        {
            let day = ledger("2026-10-14", &[(less, 3), (worst, 1), (Lost, 0)], false);
            let cell = cell(day.day, Some(&day), false);
            assert_eq!((cell.state, cell.sessions), (Some(worst), 4));
        }
        let unlooked = ledger("2026-10-14", &[(Archived, 3), (Short, 1)], true);
        assert_eq!(cell(unlooked.day, Some(&unlooked), false).state, Some(LedgerState::Unreachable));
    }

    #[test]
    fn weeks_go_across_and_begin_on_monday() {
        let calendar = Calendar::of(&[], "2026-10-28".parse().unwrap(), "2026-11-04".parse().unwrap());
        assert_eq!(calendar.months, [("Oct".to_owned(), 1), ("Nov".to_owned(), 1)]);
        assert_eq!(calendar.rows.len(), 7);
        let wednesday = &calendar.rows[2];
        assert_eq!(wednesday[0].day, "2026-10-28".parse().unwrap());
        assert!(calendar.rows[0][0].is_outside && calendar.rows[3][1].is_outside);
        let long = Calendar::of(&[], "2020-01-01".parse().unwrap(), "2026-11-04".parse().unwrap());
        assert_eq!(long.rows[0].len(), WEEKS);
    }
}
