//! What the ledgers say, beside what the archive has.

use rusqlite::{Connection, Row};

use super::reports::of_series;
use crate::index::archived::of_columns;
use crate::index::rows::{ledger_state, timestamp};
use crate::index::{Index, IndexError, SeriesQuery};
use crate::model::LedgerEntry;

/// The open lines of the ledgers, with the columns that [`entry`] reads. What a ledger calls archived, and the archive lacks, is
/// missing.
pub(super) const OPEN: &str = "SELECT iif(e.state IN ('archived', 'short'), 'missing', e.state) AS state, e.source, e.report_id, \
    e.session_id, e.title, e.title_literal, e.starts_at, e.outcome, e.remedy, e.until_at, e.since_at FROM ledger_entries e WHERE e.is_open";

impl Index {
    /// What the ledgers say is not archived of the sessions that are asked for, in the order of their times; also sources that could
    /// not be looked at. Where a title is asked for, that of the ledger counts, or that of the series.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn gaps(&self, query: &SeriesQuery) -> Result<Vec<LedgerEntry>, IndexError> {
        self.read(|connection| {
            // A session that is missing has no row: whether its series is asked for is told by those that are there.
            let conditions = of_series(&SeriesQuery { since: None, until: None, ..query.clone() });
            let of_known = format!(
                "(e.kind, e.series) IN (SELECT s.kind, s.series FROM sessions s WHERE {})",
                conditions.sql()
            );
            let of_asked = if conditions.sql.is_empty() { "TRUE" } else { &of_known };
            let sql = format!("{OPEN} AND {of_asked} ORDER BY e.starts_at, e.source");
            let mut statement = connection.prepare_cached(&sql)?;
            let entries = statement.query_map(conditions.values(), entry)?;
            let entries = entries.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(entries.into_iter().filter(|entry| is_in_time(entry, query)).collect())
        })
    }
}

/// Whether a session begins in the time that is asked for; one without a time may.
fn is_in_time(entry: &LedgerEntry, query: &SeriesQuery) -> bool {
    entry.start.is_none_or(|start| {
        query.since.is_none_or(|since| start >= since) && query.until.is_none_or(|until| start < until)
    })
}

/// The open lines of what began in a time in nanoseconds, and of sources that could not be looked at then.
pub(super) fn open(
    connection: &Connection,
    (since, until): (i64, i64),
) -> rusqlite::Result<Vec<LedgerEntry>> {
    let sql = format!(
        "{OPEN} AND (e.starts_at >= ?1 AND e.starts_at < ?2 OR \
         e.starts_at IS NULL AND e.state IN ('unreachable', 'doubtful') AND e.since_at < ?2 AND e.until_at > ?1) ORDER BY e.starts_at, e.source"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map([since, until], entry)?.collect()
}

/// An entry out of the columns of [`OPEN`].
pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<LedgerEntry> {
    let start: Option<i64> = row.get(6)?;
    Ok(LedgerEntry {
        state: ledger_state(row.get_ref(0)?.as_str()?),
        source: row.get(1)?,
        report_id: row.get(2)?,
        session_id: row.get(3)?,
        title: of_columns(row.get(4)?, row.get(5)?),
        start: start.and_then(timestamp),
        outcome: row.get(7)?,
        remedy: row.get(8)?,
        as_of: timestamp(row.get(9)?).unwrap_or(jiff::Timestamp::UNIX_EPOCH),
    })
}
