//! The columns of a register: sessions in the order of their starts, and what they are called.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Column, ColumnOf, Register};
use crate::model::{LedgerEntry, Span};
use crate::rules::Rules;
use crate::session::{ReportTimes, Session, grouped};
use crate::text::Text;

impl Register {
    /// How long the window of every session is, in whole seconds; `None` where they differ or there is none: for the rules in
    /// words.
    pub fn window_length(&self) -> Option<SignedDuration> {
        let windows = self.columns.iter().filter_map(|column| match &column.of {
            ColumnOf::Session(session) => session.window.map(|window| window.span.seconds()),
            ColumnOf::NotKept(_) => None,
        });
        let lengths: BTreeSet<i64> = windows.collect();
        lengths.first().filter(|_| lengths.len() == 1).copied().map(SignedDuration::from_secs)
    }
}

impl Column {
    /// The title of what it is of; `None` where none is known.
    pub fn title(&self) -> Option<&Text> {
        match &self.of {
            ColumnOf::Session(session) => session.title.as_ref(),
            ColumnOf::NotKept(entry) => entry.title.as_ref(),
        }
    }
}

/// Tells each session that lacks a part: something that is not kept of its meeting, or of its channel, at a time at which it would
/// be joined.
pub(super) fn find_lacking(columns: &mut [Column], unclear: &[LedgerEntry], rules: &Rules) {
    let of_columns = columns.iter().filter_map(|column| match &column.of {
        ColumnOf::NotKept(entry) => Some(entry),
        ColumnOf::Session(_) => None,
    });
    let gaps: Vec<(String, Timestamp)> =
        of_columns.chain(unclear).filter_map(|entry| Some((entry.source.clone(), entry.start?))).collect();
    for column in columns {
        let ColumnOf::Session(session) = &column.of else { continue };
        column.lacks_a_part = gaps.iter().any(|(source, start)| {
            session.parts.iter().any(|part| part.source == *source) && would_join(*start, session, rules)
        });
    }
}

/// Whether what began then would be a part of a session: by the rule by which reports are joined.
fn would_join(start: Timestamp, session: &Session, rules: &Rules) -> bool {
    let at = Span { start, end: start };
    let mut times = vec![ReportTimes { span: Some(at), plan: session.plan, session_id: None }];
    times.extend(session.parts.iter().map(|part| ReportTimes {
        span: part.span,
        plan: session.plan,
        session_id: None,
    }));
    grouped(&times, rules).iter().any(|group| group.contains(&0) && group.len() > 1)
}

/// The columns of sessions and of those that are not kept; what is in them is counted later.
pub(super) fn columns(sessions: Vec<Session>, gaps: Vec<LedgerEntry>, zone: &TimeZone) -> Vec<Column> {
    let sessions =
        sessions.into_iter().map(|session| (start_of(&session), ColumnOf::Session(Box::new(session))));
    let gaps = gaps.into_iter().map(|entry| (entry.start, ColumnOf::NotKept(entry)));
    let mut columns: Vec<Column> = sessions.chain(gaps).map(|(start, of)| column(start, of, zone)).collect();
    columns.sort_by_cached_key(|column| (column.start.is_none(), column.start, tie(&column.of)));
    let years: BTreeSet<i16> = columns.iter().filter_map(|column| column.day).map(Date::year).collect();
    let format = if years.len() > 1 { "%-d %b %Y" } else { "%-d %b" };
    let mut of_day: BTreeMap<Option<Date>, usize> = BTreeMap::new();
    for column in &columns {
        *of_day.entry(column.day).or_default() += 1;
    }
    let mut seen: BTreeMap<Option<Date>, usize> = BTreeMap::new();
    for column in &mut columns {
        let day = column.day.map_or_else(|| "no time".to_owned(), |day| day.strftime(format).to_string());
        let place = seen.entry(column.day).or_default();
        column.label = if of_day[&column.day] > 1 { format!("{day} {}", letters(*place)) } else { day };
        *place += 1;
    }
    columns
}

/// When a session begins: by its reports, else by its window.
fn start_of(session: &Session) -> Option<Timestamp> {
    session.span.or(session.window.map(|window| window.span)).map(|span| span.start)
}

fn column(start: Option<Timestamp>, of: ColumnOf, zone: &TimeZone) -> Column {
    let day = start.map(|start| start.to_zoned(zone.clone()).date());
    Column { label: String::new(), day, start, of, present: None, lacks_a_part: false, unidentified: 0 }
}

/// What settles the order of two that begin at one instant.
fn tie(of: &ColumnOf) -> (String, Option<String>) {
    match of {
        ColumnOf::Session(session) => (session.series.id.clone(), Some(session.parts[0].report_id.clone())),
        ColumnOf::NotKept(entry) => {
            (entry.source.clone(), entry.report_id.clone().or_else(|| entry.session_id.clone()))
        }
    }
}

/// `a` to `z`, then `aa` and so on.
fn letters(place: usize) -> String {
    let last = char::from(b'a' + u8::try_from(place % 26).unwrap_or_default());
    match place / 26 {
        0 => last.to_string(),
        before => letters(before - 1) + &last.to_string(),
    }
}
