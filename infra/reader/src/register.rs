//! The register of a series: people down, sessions across, minutes and a mark in each cell.

mod aggregate;
mod build;
mod cells;
mod columns;
mod gaps;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::model::{LedgerEntry, SeriesId};
use crate::people::Person;
use crate::roster::{RosterLine, RosterMatch};
use crate::rules::{Mark, Rules};
use crate::session::{SecondsBasis, Session};
use crate::text::Text;

pub use aggregate::{Aggregate, AggregateColumn};

/// The register of a series.
#[derive(Debug, Clone)]
pub struct Register {
    /// The title of the series; `None` where none is known.
    pub title: Option<Text>,
    /// The series that it has the sessions of.
    pub series: Vec<SeriesId>,
    /// The rules by which it was made.
    pub rules: Rules,
    /// The roster's name and how many lines it has; `None` where none was given.
    pub roster: Option<(String, usize)>,
    /// When the archive was looked at.
    pub as_of: Timestamp,
    /// The sessions, in the order of their starts.
    pub columns: Vec<Column>,
    /// The people who are expected: the roster's, in its order, or all who are in a record and don't stand apart, by name.
    pub rows: Vec<Row>,
    /// Organizers and presenters who are not on the roster.
    pub apart: Vec<Row>,
    /// Who is in a record, and not on the roster; empty without one.
    pub not_on_roster: Vec<Row>,
    /// Persons with one address and two ids: the rows' names and the address.
    pub doubles: Vec<Double>,
    /// Sessions without a column: short, with at most two people.
    pub strays: Vec<Session>,
    /// Sessions that are not kept and have no column, for they may be of another series of the same channel.
    pub unclear: Vec<LedgerEntry>,
}

/// A session in a register.
#[derive(Debug, Clone)]
pub struct Column {
    /// `14 Oct`, or `14 Oct a` where there are several that day; with the year where the series spans several.
    pub label: String,
    /// The local day on which it begins; `None` where no time is known.
    pub day: Option<Date>,
    /// When it begins; `None` where no time is known.
    pub start: Option<Timestamp>,
    /// What the column is of.
    pub of: ColumnOf,
    /// How many were present, of how many who were expected and are known; `None` where nothing is known.
    pub present: Option<(usize, usize)>,
    /// Whether a report of the same meeting, at the same plan or shortly before or after, is not kept: who is not in it, or hardly,
    /// may have been there.
    pub lacks_a_part: bool,
    /// How many people in it could not be told to be anybody: telephones and anonymous ones that no line of the roster is.
    pub unidentified: usize,
}

/// What a column of a register is of.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "a register has few columns")]
pub enum ColumnOf {
    /// A session of which a report is kept.
    Session(Box<Session>),
    /// A session of which none is kept: what the ledger says of it. Everybody's cell is not known.
    NotKept(LedgerEntry),
}

/// A person in a register.
#[derive(Debug, Clone)]
pub struct Row {
    /// The roster's line; `None` for who is not on it, and without a roster.
    pub line: Option<RosterLine>,
    /// The person of the archive; `None` where a line matched nobody.
    pub person: Option<Person>,
    /// How the line was matched.
    pub matched: RosterMatch,
    /// One cell a column.
    pub cells: Vec<Cell>,
    /// The sums of the row.
    pub totals: Totals,
}

/// A person's attendance of a session, in a register.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Cell {
    /// The person was not expected: before `from`, after `to`; not on the roster, or standing apart, and in no record of that
    /// session; a telephone or an anonymous one, who means somebody in one session only.
    Blank,
    /// Everything else, also what is not known.
    Marked(MarkedCell),
}

/// A cell with a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MarkedCell {
    /// What it counts as.
    pub mark: Mark,
    /// Seconds within the window; `None` where not known, 0 for who is not named in a report that is kept.
    pub seconds: Option<i64>,
    /// Graph's own sum in seconds, where it differs or stands for the seconds; else `None`.
    pub graph_seconds: Option<i64>,
    /// Where the seconds come from; `None` for who is in no record.
    pub basis: Option<SecondsBasis>,
}

/// The sums of a row: of the sessions that are known and in which the person was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// In how many the person was present, late or early or not.
    pub present: usize,
    /// In how many it is known.
    pub known: usize,
    /// The seconds of the sessions with times.
    pub seconds: i64,
    /// The length of the windows of the same sessions, in seconds: the share is of it.
    pub possible_seconds: i64,
}

impl Totals {
    /// The share of the sessions' time in whole percent, rounded down; `None` where no session had times.
    pub fn share_percent(self) -> Option<i64> {
        (self.possible_seconds > 0).then(|| self.seconds.saturating_mul(100) / self.possible_seconds)
    }
}

/// Two persons with one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Double {
    /// The address, as addresses are compared.
    pub address: String,
    /// The persons, each by its key.
    pub persons: Vec<Person>,
}

#[cfg(test)]
mod tests;
