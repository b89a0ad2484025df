//! Tables as CSV and XLSX both hold them: a line of headings, then lines of typed values.

use jiff::Timestamp;

use crate::model::{Record, Report};
use crate::rules::Rules;
use crate::session::{Attendee, Session};
use crate::text::Text;
use crate::times;
use crate::words;

/// A table. Each line has a value for each heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The headings of the columns, from the left.
    pub headings: Vec<String>,
    /// The lines, each with a value for each heading.
    pub lines: Vec<Vec<Value>>,
}

/// A value of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text, from wherever it may be.
    Text(String),
    /// A whole number: a count, or minutes.
    Number(i64),
    /// A part of a whole, from 0 to 1.
    Share(f64),
    /// An instant, which a file shows in its zone.
    Time(Timestamp),
    /// What is not known: an empty cell.
    Nothing,
}

impl Value {
    /// A text of Graph's, where there is one.
    pub fn text(text: Option<&Text>) -> Self {
        text.map_or(Self::Nothing, |text| Self::Text(text.shown().to_owned()))
    }

    /// Any other text, where there is one.
    pub fn string(text: Option<&String>) -> Self {
        text.map_or(Self::Nothing, |text| Self::Text(text.clone()))
    }

    /// A whole number, where it is known.
    pub fn number(number: Option<i64>) -> Self {
        number.map_or(Self::Nothing, Self::Number)
    }

    /// How many of something there are.
    pub fn count(count: usize) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// A moment, where it is known.
    pub fn time(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Nothing, Self::Time)
    }

    /// `yes` or `no`, as a text.
    pub fn yes(is_so: bool) -> Self {
        Self::from(if is_so { "yes" } else { "no" })
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// The names as the headings of a table.
pub fn headings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// The headings of what one person did in a session.
pub(super) const ATTENDEE: [&str; 14] = [
    "Name",
    "Address",
    "Role",
    "Seconds",
    "Graph seconds",
    "Differs",
    "First join",
    "Last leave",
    "Joins",
    "Mark",
    "Late",
    "Left early",
    "Seconds from",
    "Key",
];

/// What one person did in a session, below [`ATTENDEE`].
pub(super) fn attendee(attendee: &Attendee, rules: &Rules) -> Vec<Value> {
    let Attendee { person, mark, .. } = attendee;
    vec![
        words::name(person).into(),
        Value::text(person.address.as_ref()),
        format!("{:?}", attendee.role).into(),
        Value::number(attendee.seconds),
        Value::number(attendee.graph_seconds),
        Value::yes(attendee.differs),
        Value::time(attendee.first_join),
        Value::time(attendee.last_leave),
        Value::count(attendee.joins),
        rules.letter(*mark).into(),
        Value::yes(mark.is_late),
        Value::yes(mark.left_early),
        words::basis(attendee.basis).into(),
        person.key.to_string().into(),
    ]
}

/// One line a person of the session.
pub(super) fn attendees(session: &Session, rules: &Rules) -> Table {
    let lines = session.attendees.iter().map(|one| attendee(one, rules)).collect();
    Table { headings: headings(&ATTENDEE), lines }
}

/// The reports of which the session is made, in their order.
pub(super) fn parts<'a>(session: &Session, reports: &'a [Report]) -> Vec<&'a Report> {
    let is_of = |part: &crate::session::Part, report: &&Report| report.provenance.key == part.provenance.key;
    session.parts.iter().filter_map(|part| reports.iter().find(|report| is_of(part, report))).collect()
}

const RECORD: [&str; 16] = [
    "Title",
    "Session start",
    "Report",
    "Record",
    "Name",
    "Address",
    "Role",
    "Identity",
    "Identity id",
    "Tenant",
    "Registration",
    "First join",
    "Last leave",
    "Joins",
    "Graph seconds",
    "Has times",
];

/// One line a record of the session's reports, in Graph's order: what Graph sent, and no rule applied.
pub(super) fn records(session: &Session, reports: &[Report]) -> Table {
    let lines = parts(session, reports)
        .into_iter()
        .flat_map(|report| report.records.iter().map(|one| record(session, report, one)));
    Table { headings: headings(&RECORD), lines: lines.collect() }
}

fn record(session: &Session, report: &Report, record: &Record) -> Vec<Value> {
    let (first_join, last_leave) = first_and_last(record);
    let intervals = record.intervals.as_deref().unwrap_or_default();
    vec![
        Value::text(session.title.as_ref()),
        Value::time(session.span.map(|span| span.start)),
        report.id.clone().into(),
        Value::string(record.id.as_ref()),
        Value::text(record.name.as_ref()),
        Value::text(record.address.as_ref()),
        format!("{:?}", record.role).into(),
        format!("{:?}", record.identity).to_lowercase().into(),
        Value::string(record.identity_id.as_ref()),
        Value::string(record.tenant_id.as_ref()),
        Value::string(record.registration_id.as_ref()),
        Value::time(first_join),
        Value::time(last_leave),
        Value::count(intervals.len()),
        Value::number(record.graph_seconds),
        Value::yes(!intervals.is_empty()),
    ]
}

/// When a record first joined and last left, as far as that is known.
pub(super) fn first_and_last(record: &Record) -> (Option<Timestamp>, Option<Timestamp>) {
    let ends = || record.intervals.iter().flatten().map(times::ends);
    (ends().filter_map(|(join, _)| join).min(), ends().filter_map(|(_, leave)| leave).max())
}

/// One line a time of attendance: by person, as they were united. An end that is not known is empty.
pub(super) fn joins(session: &Session) -> Table {
    let mut lines = Vec::new();
    for attendee in &session.attendees {
        let known =
            attendee.spans.iter().map(|span| (Some(span.start), Some(span.end), Some(span.seconds())));
        let unclear = attendee.unclear.iter().map(|one| (one.join, one.leave, one.seconds));
        for (join, leave, seconds) in known.chain(unclear) {
            lines.push(vec![
                words::name(&attendee.person).into(),
                Value::text(attendee.person.address.as_ref()),
                Value::time(join),
                Value::time(leave),
                Value::number(seconds),
                attendee.person.key.to_string().into(),
            ]);
        }
    }
    Table { headings: headings(&["Name", "Address", "Join", "Leave", "Seconds", "Key"]), lines }
}
