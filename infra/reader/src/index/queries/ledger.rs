//! What the ledgers say, beside what the archive has.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Row};

use crate::index::archived::{Target, nanoseconds, of_columns};
use crate::index::rows::{ledger_state, timestamp};
use crate::model::{Kind, LedgerEntry, SeriesId};
use crate::text::Text;

/// The open lines of the ledgers, with the columns that [`entry`] reads. What a ledger calls archived, and the archive lacks, is
/// missing. A line without a title has that of its event, as the event's sessions have it.
pub(super) const OPEN: &str = "SELECT iif(e.state IN ('archived', 'short'), 'missing', e.state) AS state, e.source, e.report_id, \
    e.session_id, coalesce(e.title, o.title), iif(e.title IS NULL, o.title_literal, e.title_literal), e.starts_at, e.outcome, e.remedy, \
    e.until_at, e.since_at FROM ledger_entries e LEFT JOIN event_entries o ON o.key = (SELECT key FROM event_entries v \
    WHERE v.kind = e.kind AND v.series = e.series AND v.session_id = '' ORDER BY v.source LIMIT 1) WHERE e.is_open";

/// The open lines of what began in a time in nanoseconds, and of sources that could not be looked at then.
pub(super) fn open(
    connection: &Connection,
    (since, until): (i64, i64),
) -> rusqlite::Result<Vec<LedgerEntry>> {
    let sql = format!(
        "{OPEN} AND (e.starts_at >= ?1 AND e.starts_at < ?2 OR \
         e.starts_at IS NULL AND e.state = 'unreachable' AND e.since_at < ?2 AND e.until_at > ?1) ORDER BY e.starts_at, e.source"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let lines = statement.query_map([since, until], |row| Ok((entry(row)?, (row.get(10)?, row.get(9)?))))?;
    let lines = lines.collect::<rusqlite::Result<Vec<_>>>()?;
    let was_asked = |entry: &LedgerEntry, of_ledger| {
        let (asked_since, asked_until) = asked_of(&entry.source, of_ledger);
        entry.start.is_some() || (asked_since < until && since < asked_until)
    };
    Ok(lines.into_iter().filter(|(entry, time)| was_asked(entry, *time)).map(|(entry, _)| entry).collect())
}

/// An entry out of the columns of [`OPEN`].
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<LedgerEntry> {
    let (source, start): (String, Option<i64>) = (row.get(1)?, row.get(6)?);
    let title = of_columns(row.get(4)?, row.get(5)?);
    Ok(LedgerEntry {
        state: ledger_state(row.get_ref(0)?.as_str()?),
        series: series_of(&source, title.as_ref()),
        source,
        report_id: row.get(2)?,
        session_id: row.get(3)?,
        title,
        start: start.and_then(timestamp),
        outcome: row.get(7)?,
        remedy: row.get(8)?,
        as_of: timestamp(row.get(9)?).unwrap_or(jiff::Timestamp::UNIX_EPOCH),
    })
}

/// The series of what has this path and title; `None` where the path leads to no event.
pub(super) fn series_of(source: &str, title: Option<&Text>) -> Option<SeriesId> {
    let target = Target::of_path(source)?;
    let channel_title = title.filter(|title| target.is_channel && !title.shown().is_empty());
    Some(SeriesId {
        kind: Kind::of_name(target.kind)?,
        id: target.series(),
        channel_title: channel_title.map(|title| title.shown().to_owned()),
    })
}

/// For how long Graph keeps call records, and how long before the time of a run they are asked for, in nanoseconds.
const CALL_RECORDS_KEPT: i64 = (30 * 24 + 25) * HOUR;
const HOUR: i64 = 3_600_000_000_000;

/// For which part of its ledger's time a source was asked, as far as the ledger tells: of call records no longer than Graph keeps
/// them, of a unit of work that has a day in its name for that day. Of any other a ledger says only that it could not be looked at.
pub(super) fn asked_of(source: &str, (since, until): (i64, i64)) -> (i64, i64) {
    if source.starts_with("communications/callRecords") {
        return (since.max(until.saturating_sub(CALL_RECORDS_KEPT)), until);
    }
    let is_unit = !source.contains('/');
    let day = source.split('.').filter(|_| is_unit).find_map(|part| part.get(..10)?.parse::<Date>().ok());
    match day.and_then(nanoseconds_of) {
        Some((begins, ends)) => (since.max(begins), until.min(ends)),
        None => (since, until),
    }
}

/// When a day begins and ends in UTC, in nanoseconds.
pub(super) fn nanoseconds_of(day: Date) -> Option<(i64, i64)> {
    let begin = |date: Date| date.to_zoned(TimeZone::UTC).ok().and_then(|time| nanoseconds(time.timestamp()));
    begin(day).zip(day.tomorrow().ok().and_then(begin))
}
