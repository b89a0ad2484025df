//! A register without anybody: sums alone, for who may not see a person's times.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::{Cell, Column, ColumnOf, Register};
use crate::rules::{Level, Mark};
use crate::session::Session;
use crate::text::Text;

/// What a register says without a name, an address or a time of anybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Aggregate {
    /// The title of the series; `None` where none is known.
    pub title: Option<Text>,
    /// When the archive was looked at.
    pub as_of: Timestamp,
    /// How many people have a row: the roster's, or all who don't stand apart.
    pub people: usize,
    /// The sessions, in the order of their starts.
    pub columns: Vec<AggregateColumn>,
}

/// The sums of a session.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AggregateColumn {
    /// The label of the column in the register.
    pub label: String,
    /// The local day on which it begins; `None` where no time is known.
    pub day: Option<Date>,
    /// When it begins; `None` where no time is known.
    pub start: Option<Timestamp>,
    /// Whether a report of it is kept; without one everybody is not known.
    pub is_kept: bool,
    /// How many people are in its records, whoever they are; `None` where no report is kept.
    pub people: Option<usize>,
    /// How long its window is, in seconds; `None` where no time is known.
    pub window_seconds: Option<i64>,
    /// How many rows are present, late or early or not.
    pub present: usize,
    /// How many of those who were present came late.
    pub late: usize,
    /// How many of those who were present left early.
    pub left_early: usize,
    /// How many were there in part.
    pub partial: usize,
    /// How many were absent.
    pub absent: usize,
    /// How many were excused.
    pub excused: usize,
    /// Of how many it is not known.
    pub unknown: usize,
    /// The median of the seconds of those who are in its records and don't stand apart; of two the lower. `None` of nobody.
    pub median_seconds: Option<i64>,
    /// The mean of the same seconds, rounded down; `None` of nobody.
    pub mean_seconds: Option<i64>,
}

impl Register {
    /// The sums of each session, without anybody's name or times.
    pub fn aggregate(&self) -> Aggregate {
        let columns = self.columns.iter().enumerate();
        Aggregate {
            title: self.title.clone(),
            as_of: self.as_of,
            people: self.rows.len(),
            columns: columns.map(|(place, column)| self.aggregate_column(place, column)).collect(),
        }
    }

    fn aggregate_column(&self, place: usize, column: &Column) -> AggregateColumn {
        let mut sums = AggregateColumn {
            label: column.label.clone(),
            day: column.day,
            start: column.start,
            ..AggregateColumn::default()
        };
        for row in &self.rows {
            if let Cell::Marked(cell) = row.cells[place] {
                sums.count(cell.mark);
            }
        }
        if let ColumnOf::Session(session) = &column.of {
            sums.add_session(session);
        }
        sums
    }
}

impl AggregateColumn {
    /// The sums of a session without a register: of who is in its records and does not stand apart. The label is empty,
    /// the day is not known.
    pub fn of_session(session: &Session) -> Self {
        let mut sums = Self { start: session.span.map(|span| span.start), ..Self::default() };
        for attendee in session.attendees.iter().filter(|attendee| !attendee.stands_apart) {
            sums.count(attendee.mark);
        }
        sums.add_session(session);
        sums
    }

    fn add_session(&mut self, session: &Session) {
        let others = session.attendees.iter().filter(|attendee| !attendee.stands_apart);
        let mut seconds: Vec<i64> = others.filter_map(|attendee| attendee.seconds).collect();
        seconds.sort_unstable();
        let sum: i128 = seconds.iter().copied().map(i128::from).sum();
        let mean = sum.checked_div(seconds.len() as i128);
        self.is_kept = true;
        self.people = Some(session.attendees.len());
        self.window_seconds = session.window.map(|window| window.span.seconds());
        self.median_seconds = seconds.get(seconds.len().saturating_sub(1) / 2).copied();
        self.mean_seconds = mean.and_then(|mean| i64::try_from(mean).ok());
    }

    fn count(&mut self, mark: Mark) {
        let of_level = match mark.level {
            Level::Present => &mut self.present,
            Level::Partial => &mut self.partial,
            Level::Absent => &mut self.absent,
            Level::Excused => &mut self.excused,
            Level::Unknown => &mut self.unknown,
        };
        *of_level += 1;
        if mark.level == Level::Present {
            self.late += usize::from(mark.is_late);
            self.left_early += usize::from(mark.left_early);
        }
    }
}
