//! Sums of sessions, without anybody's times or names.

use jiff::Timestamp;
use serde::Serialize;

use crate::files::table::{Table, Value, headings};
use crate::register::{Column, ColumnOf, MarkedCell, Register};
use crate::rules::{Level, Mark};
use crate::session::Session;
use crate::text::Text;

/// The sums of one session.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sums {
    /// The session's label in a register, else its title.
    pub label: Text,
    /// When it began; `None` where no time is known.
    pub start: Option<Timestamp>,
    /// When it ended; `None` where no time is known.
    pub end: Option<Timestamp>,
    /// How many people took part, as Graph counts them; `None` where it does not.
    pub participants: Option<i64>,
    /// How many are counted here: the register's rows, or who is in a record and does not stand apart.
    pub people: usize,
    /// How many were present, late or early or not.
    pub present: usize,
    /// Of those, how many came late.
    pub late: usize,
    /// Of those, how many left early.
    pub left_early: usize,
    /// How many were there for a part.
    pub partial: usize,
    /// How many were absent.
    pub absent: usize,
    /// How many were excused.
    pub excused: usize,
    /// Of how many nothing is known.
    pub unknown: usize,
    /// Of how many the seconds are known.
    pub timed: usize,
    /// Their seconds together, within the window.
    pub seconds: i64,
}

impl Sums {
    fn count(&mut self, mark: Mark, seconds: Option<i64>) {
        self.people += 1;
        match mark.level {
            Level::Present => self.present += 1,
            Level::Partial => self.partial += 1,
            Level::Absent => self.absent += 1,
            Level::Excused => self.excused += 1,
            Level::Unknown => self.unknown += 1,
        }
        let is_present = mark.level == Level::Present;
        self.late += usize::from(is_present && mark.is_late);
        self.left_early += usize::from(is_present && mark.left_early);
        if let Some(seconds) = seconds {
            self.timed += 1;
            self.seconds = self.seconds.saturating_add(seconds);
        }
    }

    fn of_session_times(label: Text, session: &Session) -> Self {
        let counts: Vec<i64> = session.parts.iter().filter_map(|part| part.participants).collect();
        Self {
            label,
            start: session.span.map(|span| span.start),
            end: session.span.map(|span| span.end),
            // Counts of several reports don't add up: somebody may be in each.
            participants: if session.parts.len() == 1 { counts.first().copied() } else { None },
            ..Self::default()
        }
    }
}

/// The sums of a session: of who is marked, not of who stands apart.
pub fn of_session(session: &Session) -> Vec<Sums> {
    let mut sums = Sums::of_session_times(session.title.clone().unwrap_or_default(), session);
    for attendee in session.attendees.iter().filter(|attendee| !attendee.stands_apart) {
        sums.count(attendee.mark, attendee.seconds);
    }
    vec![sums]
}

/// The sums of each session of a register: of its rows.
pub fn of_register(register: &Register) -> Vec<Sums> {
    let cells = |at: usize| register.rows.iter().filter_map(move |row| marked(row.cells.get(at)?));
    let sums = |(at, column): (usize, &Column)| {
        let mut sums = match &column.of {
            ColumnOf::Session(session) => Sums::of_session_times(column.label.as_str().into(), session),
            ColumnOf::NotKept(_) => {
                Sums { label: column.label.as_str().into(), start: column.start, ..Sums::default() }
            }
        };
        cells(at).for_each(|cell| sums.count(cell.mark, cell.seconds));
        sums
    };
    register.columns.iter().enumerate().map(sums).collect()
}

fn marked(cell: &crate::register::Cell) -> Option<MarkedCell> {
    match cell {
        crate::register::Cell::Blank => None,
        crate::register::Cell::Marked(marked) => Some(*marked),
    }
}

pub(super) fn table(sums: &[Sums]) -> Table {
    let names = [
        "Session",
        "Start",
        "End",
        "Graph's count",
        "People",
        "Present",
        "Late",
        "Left early",
        "Partial",
        "Absent",
        "Excused",
        "Not known",
        "People with times",
        "Seconds",
    ];
    Table { headings: headings(&names), lines: sums.iter().map(line).collect() }
}

fn line(sums: &Sums) -> Vec<Value> {
    let counts = [
        sums.people,
        sums.present,
        sums.late,
        sums.left_early,
        sums.partial,
        sums.absent,
        sums.excused,
        sums.unknown,
        sums.timed,
    ];
    let seconds = if sums.timed == 0 { Value::Nothing } else { Value::Number(sums.seconds) };
    let session = [
        sums.label.shown().into(),
        Value::time(sums.start),
        Value::time(sums.end),
        Value::number(sums.participants),
    ];
    session.into_iter().chain(counts.map(Value::count)).chain([seconds]).collect()
}
