//! A session: one report or several of the same meeting, its people united, each with minutes and a mark.

mod attendance;
mod curve;
mod excerpt;
mod grouping;
mod parts;
mod registrants;
mod spans;
mod window;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::model::{Interval, Organizer, Provenance, Role, SeriesId, Span};
use crate::people::Person;
use crate::rules::{Mark, WindowBasis};
use crate::text::Text;

pub use curve::{curve, curve_slots, lanes};
pub use excerpt::excerpt_suffices;
pub use grouping::{ReportTimes, grouped};
pub use parts::{report_times, sessions_of, sightings};
pub use registrants::{Registrants, did_not_come};
pub use spans::{length, united, usable};

/// A session as people look at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The series that it is of.
    pub series: SeriesId,
    /// The title; `None` where none is known.
    pub title: Option<Text>,
    /// Who organized, as the reports say.
    pub organizer: Organizer,
    /// Its reports, in the order of their times; never empty.
    pub parts: Vec<Part>,
    /// From the first report's start to the last one's end; `None` where no report has both times.
    pub span: Option<Span>,
    /// When it was to take place.
    pub plan: Option<Span>,
    /// What counts; `None` where there are no times at all.
    pub window: Option<Window>,
    /// One a person: organizers, presenters, attendees; each by the first join, then by name.
    pub attendees: Vec<Attendee>,
    /// Whether nobody in it has times: names alone were kept.
    pub has_names_only: bool,
    /// Under 5 minutes with at most 2 people, and joined with nothing.
    pub is_stray: bool,
}

/// What counts of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Window {
    /// From when to when.
    pub span: Span,
    /// Where it comes from.
    pub basis: WindowBasis,
}

/// One report of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// The report's id, opaque.
    pub report_id: String,
    /// The source's path in Graph.
    pub source: String,
    /// The report's own times.
    pub span: Option<Span>,
    /// How many people took part, as Graph counts them.
    pub participants: Option<i64>,
    /// How many records the report has, with those of people who were erased.
    pub records: usize,
    /// How many of them are of people who were erased.
    pub erased: usize,
    /// Where it came from.
    pub provenance: Provenance,
}

/// What one person did in a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attendee {
    /// Who attended, with all keys.
    pub person: Person,
    /// The highest role that a record gives.
    pub role: Role,
    /// Whether the person stands apart from those who are marked: the organizer, a presenter of a webinar or town hall.
    pub stands_apart: bool,
    /// The usable times, each as sent (a missing end from the other and the duration), by their start; not clipped, not united.
    pub spans: Vec<Span>,
    /// The times of which one end is not known: drawn open, not counted.
    pub unclear: Vec<Interval>,
    /// Where the seconds come from.
    pub basis: SecondsBasis,
    /// Seconds within the window, of the union of the times, rounded down; `None` where not known.
    pub seconds: Option<i64>,
    /// Graph's `totalAttendanceInSeconds`, of all records together; `None` where no record has one.
    pub graph_seconds: Option<i64>,
    /// Whether Graph's sum and the unclipped union differ by more than a second an interval and one.
    pub differs: bool,
    /// The first join that is known, in the window or not.
    pub first_join: Option<Timestamp>,
    /// The last leave that is known.
    pub last_leave: Option<Timestamp>,
    /// How many times the person joined.
    pub joins: usize,
    /// The ids of the registrations that the records name, Graph's and the other system's, comparable.
    pub registration_ids: Vec<String>,
    /// What it counts as.
    pub mark: Mark,
    /// By how much the first join in the window came after the window's start; `None` where nothing is known.
    #[serde(skip)]
    pub late_by: Option<SignedDuration>,
    /// By how much the last leave came before the window's end; `None` where nothing is known.
    #[serde(skip)]
    pub early_by: Option<SignedDuration>,
}

/// Where somebody's seconds come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum SecondsBasis {
    /// The union of the times, within the window.
    Times,
    /// Graph's own sum, no more than the window: no time is usable.
    AsGraph,
    /// Nobody in the report has times: counted as present, without minutes.
    NamedOnly,
    /// Nothing is known of the time.
    Nothing,
}

#[cfg(test)]
mod tests;
