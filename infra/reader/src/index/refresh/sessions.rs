//! The sessions of a series: which reports are one, and what a list shows of them.

mod described;
mod summary;

use rusqlite::{Connection, params};

use super::searched::{forget_text, text_id};
use crate::index::archived::{columns, nanoseconds, words};
use crate::index::rows::span;
use crate::model::{Span, is_short};
use crate::rules::Rules;
use crate::session::{ReportTimes, grouped};
use described::Described;
use summary::Summary;

/// A report as far as it takes to tell sessions.
pub(super) struct Part {
    pub(super) id: i64,
    pub(super) key: String,
    pub(super) times: ReportTimes,
    pub(super) organizer_id: Option<String>,
    pub(super) is_channel: bool,
    pub(super) participants: Option<i64>,
    pub(super) is_short: bool,
}

/// Makes the sessions of some stale series; answers whether there are more.
pub(super) fn derive_some(most: usize) -> impl FnOnce(&Connection) -> rusqlite::Result<bool> {
    move |connection| {
        let some: Vec<(String, String)> = connection
            .prepare_cached("SELECT kind, series FROM stale_series LIMIT ?1")?
            .query_map([most], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (kind, series) in &some {
            derive(connection, kind, series)?;
            connection
                .prepare_cached("DELETE FROM stale_series WHERE kind = ?1 AND series = ?2")?
                .execute([kind, series])?;
        }
        Ok(!some.is_empty())
    }
}

fn derive(connection: &Connection, kind: &str, series: &str) -> rusqlite::Result<()> {
    let texts = forget(connection, kind, series)?;
    let event = Described::of(connection, kind, series, "")?;
    let mut parts = Vec::new();
    for mut part in parts_of(connection, kind, series)? {
        let of_session = match &part.times.session_id {
            Some(id) => Described::of(connection, kind, series, id)?,
            None => None,
        };
        let described = Described::of_both(event.as_ref(), of_session.as_ref());
        part.times.plan = described.plan();
        parts.push((part, described));
    }
    let times: Vec<ReportTimes> = parts.iter().map(|(part, _)| part.times.clone()).collect();
    for group in grouped(&times, &Rules::default()) {
        let group: Vec<&(Part, Described)> = group.into_iter().map(|place| &parts[place]).collect();
        insert(connection, (kind, series), &group)?;
    }
    texts.into_iter().try_for_each(|text| forget_text(connection, text))
}

/// Forgets the sessions of a series; answers by which texts they were searched.
fn forget(connection: &Connection, kind: &str, series: &str) -> rusqlite::Result<Vec<i64>> {
    let sql = "SELECT DISTINCT words FROM sessions WHERE kind = ?1 AND series = ?2";
    let texts = connection.prepare_cached(sql)?.query_map([kind, series], |row| row.get(0))?.collect();
    let sql = "DELETE FROM session_identities WHERE session IN (SELECT id FROM sessions WHERE kind = ?1 AND series = ?2)";
    connection.prepare_cached(sql)?.execute([kind, series])?;
    let sql = "DELETE FROM sessions WHERE kind = ?1 AND series = ?2";
    connection.prepare_cached(sql)?.execute([kind, series])?;
    texts
}

fn parts_of(connection: &Connection, kind: &str, series: &str) -> rusqlite::Result<Vec<Part>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, key, starts_at, ends_at, session_id, organizer_id, is_channel, participants, records FROM reports \
         WHERE kind = ?1 AND series = ?2 ORDER BY starts_at, key",
    )?;
    let part = |row: &rusqlite::Row<'_>| {
        let (participants, records): (Option<i64>, usize) = (row.get(7)?, row.get(8)?);
        Ok(Part {
            id: row.get(0)?,
            key: row.get(1)?,
            times: ReportTimes { span: span(row.get(2)?, row.get(3)?), plan: None, session_id: row.get(4)? },
            organizer_id: row.get(5)?,
            is_channel: row.get(6)?,
            participants,
            is_short: is_short(participants, records),
        })
    };
    statement.query_map([kind, series], part)?.collect()
}

const INSERT: &str = "INSERT INTO sessions (key, kind, series, channel_title, title, title_literal, \
     organizer_id, organizer_name, organizer_name_literal, organizer_address, \
     organizer_address_literal, starts_at, ends_at, people, participants, planned_start, \
     planned_end, mean_seconds, curve, parts, is_short, words, title_order, organizer_order, \
     series_title, series_title_literal) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, \
     ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)";

/// Writes the session that some reports are, and that they are its.
fn insert(
    connection: &Connection,
    (kind, series): (&str, &str),
    group: &[&(Part, Described)],
) -> rusqlite::Result<()> {
    let Some((first, described)) = group.first() else { return Ok(()) };
    let spans = group.iter().filter_map(|(part, _)| part.times.span);
    let whole =
        spans.reduce(|one, other| Span { start: one.start.min(other.start), end: one.end.max(other.end) });
    let ids: Vec<i64> = group.iter().map(|(part, _)| part.id).collect();
    let summary = Summary::of(connection, &ids, whole)?;
    let organizer = described.organizer(first.organizer_id.as_deref(), &summary);
    let (title, series_title, name, address) = (
        columns(described.title.as_ref()),
        columns(described.series_title.as_ref()),
        columns(organizer.name.as_ref()),
        columns(organizer.address.as_ref()),
    );
    let channel_title = title.0.filter(|title| first.is_channel && !title.is_empty());
    let shown = name.0.or(address.0).or(organizer.id.as_deref()).unwrap_or_default();
    let searched = [title.0, name.0, address.0].map(Option::unwrap_or_default).join("\n");
    connection.prepare_cached(INSERT)?.execute(params![
        first.key,
        kind,
        series,
        channel_title,
        title.0,
        title.1,
        organizer.id,
        name.0,
        name.1,
        address.0,
        address.1,
        whole.and_then(|span| nanoseconds(span.start)),
        whole.and_then(|span| nanoseconds(span.end)),
        summary.people,
        group.iter().filter_map(|(part, _)| part.participants).max(),
        described.planned.0,
        described.planned.1,
        summary.mean_seconds,
        summary.curve,
        group.len(),
        group.iter().any(|(part, _)| part.is_short),
        text_id(connection, &words(&searched))?,
        words(title.0.unwrap_or_default()),
        words(shown),
        series_title.0,
        series_title.1,
    ])?;
    number(connection, connection.last_insert_rowid(), &ids, &summary)
}

/// Notes the number of a session: in its reports, and beside its identities.
fn number(connection: &Connection, session: i64, reports: &[i64], summary: &Summary) -> rusqlite::Result<()> {
    let sql = "INSERT INTO session_identities (session, identities) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute((session, &summary.identities))?;
    let mut update = connection.prepare_cached("UPDATE reports SET session = ?1 WHERE id = ?2")?;
    reports.iter().try_for_each(|id| update.execute([session, *id]).map(|_| ()))
}
