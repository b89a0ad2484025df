//! What an index is asked, and what it answers.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::model::{Kind, LedgerEntry, LedgerState, Organizer, SeriesId, Span};
use crate::text::Text;

/// Which sessions are asked for, and in which order.
#[derive(Debug, Clone, Default)]
pub struct SessionQuery {
    /// Words of the title, the organizer, or of a person's name or address; `None`: any.
    pub search: Option<String>,
    /// The person whose sessions are asked for, by the key as it is displayed.
    pub person: Option<String>,
    /// The kind; `None`: any.
    pub kind: Option<Kind>,
    /// Sessions that begin at this instant or later.
    pub since: Option<Timestamp>,
    /// Sessions that begin before this instant.
    pub until: Option<Timestamp>,
    /// What they are sorted by.
    pub sort: SessionSort,
    /// Whether the order is turned round: by default the newest come first, titles from A, the most people first.
    pub is_reversed: bool,
    /// How many rows are left out before the first.
    pub offset: usize,
    /// How many rows are asked for.
    pub limit: usize,
}

/// The order of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SessionSort {
    /// By their start, the newest first.
    #[default]
    Start,
    /// By their title, from A.
    Title,
    /// By the organizer's name, from A.
    Organizer,
    /// By the number of people, the most first.
    People,
    /// By the mean attendance, the longest first.
    Minutes,
}

/// Some rows of all that were asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows of this page, in the order that was asked for.
    pub rows: Vec<T>,
    /// How many there are in all.
    pub total: usize,
}

/// A page of sessions, and how many there are of each kind where the kind that was asked for is not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionsByKind {
    /// The sessions that were asked for.
    pub page: Page<SessionLine>,
    /// Every kind, with the number of its sessions.
    pub kinds: Vec<(Kind, usize)>,
}

/// A session in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionLine {
    /// The key of its first report's object, by which it is asked for.
    pub key: String,
    /// The series that it is of.
    pub series: SeriesId,
    /// The title; `None` where none is known.
    pub title: Option<Text>,
    /// Who organized it, as far as that is known.
    pub organizer: Organizer,
    /// From when to when, by its reports.
    pub span: Option<Span>,
    /// How many people are in it.
    pub people: usize,
    /// How many people Graph counts; `None` where it does not.
    pub participants: Option<i64>,
    /// The mean of the people's attendance in seconds, by Graph's sums; `None` where no record has one.
    pub mean_seconds: Option<i64>,
    /// The most people at once in each of 40 equal parts of its time; empty where there are no times.
    pub curve: Vec<u32>,
    /// How many reports it is made of.
    pub parts: usize,
    /// Whether a report of it has fewer records than participants.
    pub is_short: bool,
}

/// A series in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SeriesLine {
    /// By what the series is asked for.
    pub id: SeriesId,
    /// Its title; `None` where none is known.
    pub title: Option<Text>,
    /// Who organizes it, as far as that is known.
    pub organizer: Organizer,
    /// How many sessions are kept.
    pub sessions: usize,
    /// When the first began.
    pub first: Option<Timestamp>,
    /// When the last began.
    pub last: Option<Timestamp>,
}

/// Which reports of which series are asked for.
#[derive(Debug, Clone, Default)]
pub struct SeriesQuery {
    /// Exactly these series; empty: any that the others allow.
    pub series: Vec<SeriesId>,
    /// Organized by: an object id, an address or a name; `None`: by anybody.
    pub organizer: Option<String>,
    /// A part of the title, in any case; `None`: any.
    pub title: Option<String>,
    /// Sessions that begin at this instant or later.
    pub since: Option<Timestamp>,
    /// Sessions that begin before this instant.
    pub until: Option<Timestamp>,
}

/// A report of a session: where it lies, and of what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportSourceLine {
    /// The key of its object: `reports/v1/…`.
    pub key: String,
    /// The keys of the other answers that Graph gave for it, below `revisions/`.
    pub revisions: Vec<String>,
    /// The path in Graph of what it is of.
    pub source: String,
    /// The tenant in its key.
    pub tenant_id: String,
}

/// A person in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonLine {
    /// The key, as it is displayed.
    pub key: String,
    /// The name that was seen last.
    pub name: Option<Text>,
    /// The address that was seen last.
    pub address: Option<Text>,
    /// In how many sessions.
    pub sessions: usize,
    /// When the last one began.
    pub last: Option<Timestamp>,
}

/// What the ledgers say of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerDay {
    /// The day, in UTC.
    pub day: Date,
    /// How many sessions there are of each state, archived ones among them.
    pub counts: Vec<(LedgerState, usize)>,
    /// Whether a source could not be looked at in a time that has this day.
    pub has_unreachable: bool,
}

/// What the ledgers say in all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Completeness {
    /// The end of the time that the latest ledger covers; `None` where the archive has no ledger.
    pub as_of: Option<Timestamp>,
    /// The days with a session or a source that could not be looked at, in order.
    pub days: Vec<LedgerDay>,
    /// The sources that could not be looked at, and the lists that are doubtful, with the remedies.
    pub unreachable: Vec<LedgerEntry>,
}

/// What the index has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexState {
    /// When the archive was listed to its end; `None` where that never was.
    pub as_of: Option<Timestamp>,
    /// How many reports are indexed.
    pub reports: u64,
    /// How many objects of the archive could not be read: their reports are in no session.
    pub unreadable: u64,
    /// How many sessions they make.
    pub sessions: u64,
    /// Whether it is being brought up to date.
    pub is_refreshing: bool,
}
