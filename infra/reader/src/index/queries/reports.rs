//! Reports with their records.

use rusqlite::{Connection, Params, Row};

use super::search::Search;
use super::sessions::{organizer, series, session_of};
use super::{Conditions, value};
use crate::index::archived::{nanoseconds, of_columns};
use crate::index::rows::{identity, intervals_with, role, span, timestamp};
use crate::index::{Index, IndexError, ReportSourceLine, SeriesQuery};
use crate::model::{Provenance, Record, Report};

impl Index {
    /// The reports of the session that the report at `key` is a part of, in the order of their times, with their records. `None`
    /// where the index has no such report.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn session(&self, key: &str) -> Result<Option<Vec<Report>>, IndexError> {
        self.read(|connection| {
            let Some(session) = session_of(connection, key)? else { return Ok(None) };
            reports_of(connection, session, None).map(Some)
        })
    }

    /// The reports of the sessions that are asked for, in the order of their times, with their records.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn reports(&self, query: &SeriesQuery) -> Result<Vec<Report>, IndexError> {
        self.read(|connection| {
            let conditions = of_series(query);
            let sql =
                format!("SELECT s.id FROM sessions s WHERE {} ORDER BY s.starts_at, s.id", conditions.sql());
            let mut statement = connection.prepare_cached(&sql)?;
            let ids = statement.query_map(conditions.values(), |row| row.get(0))?;
            let ids = ids.collect::<rusqlite::Result<Vec<i64>>>()?;
            let mut all = Vec::new();
            for id in ids {
                all.extend(reports_of(connection, id, None)?);
            }
            Ok(all)
        })
    }

    /// Where the reports of the sessions that are asked for lie, and of what they are, in the order of their keys; no record is read.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn report_sources(&self, query: &SeriesQuery) -> Result<Vec<ReportSourceLine>, IndexError> {
        self.read(|connection| {
            let conditions = of_series(query);
            let sql = format!(
                "SELECT r.key, r.source, r.tenant_id FROM reports r JOIN sessions s ON s.id = r.session WHERE {} ORDER BY r.key",
                conditions.sql()
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let line = |row: &Row<'_>| {
                let key: String = row.get(0)?;
                let revisions = revisions(connection, &key)?;
                Ok(ReportSourceLine { key, revisions, source: row.get(1)?, tenant_id: row.get(2)? })
            };
            statement.query_map(conditions.values(), line)?.collect()
        })
    }
}

/// The conditions on the sessions `s` of a question about series.
pub(super) fn of_series(query: &SeriesQuery) -> Conditions {
    let mut conditions = Conditions::default();
    if !query.series.is_empty() {
        let one = "(s.kind = ? AND s.series = ? AND s.channel_title IS ?)";
        let values = query.series.iter().flat_map(|series| {
            [value(series.kind.name()), value(series.id.clone()), value(series.channel_title.clone())]
        });
        conditions.add(vec![one; query.series.len()].join(" OR "), values.collect::<Vec<_>>());
    }
    if let Some(organizer) = &query.organizer {
        of_organizer(&mut conditions, "s.", organizer);
    }
    if let Some(search) = Search::of(query.title.as_deref()) {
        let (sql, values) = search.in_column("s.title_order");
        conditions.add(sql, values);
    }
    if let Some(since) = query.since.and_then(nanoseconds) {
        conditions.add("s.starts_at >= ?", [value(since)]);
    }
    if let Some(until) = query.until.and_then(nanoseconds) {
        conditions.add("s.starts_at < ?", [value(until)]);
    }
    conditions
}

/// The condition that somebody organized what a table has a line of, by id, address or name; the table's name ends with a point.
pub(super) fn of_organizer(conditions: &mut Conditions, table: &str, organizer: &str) {
    let is = |column: &str| format!("{table}organizer_{column} = ? COLLATE NOCASE");
    let values = [(); 3].map(|()| value(organizer.to_owned()));
    conditions.add(["id", "address", "name"].map(is).join(" OR "), values);
}

const REPORT: &str = "SELECT s.kind, s.series, s.channel_title, s.title, s.title_literal, s.organizer_id, s.organizer_name, \
    s.organizer_name_literal, s.organizer_address, s.organizer_address_literal, r.id, r.report_id, r.source, r.session_id, r.tenant_id, \
    r.starts_at, r.ends_at, s.planned_start, s.planned_end, r.participants, r.key, r.sha256, r.fetched_at, r.request_id, r.api, r.pages, \
    r.cause, s.series_title, s.series_title_literal, r.records, r.erased FROM reports r JOIN sessions s ON s.id = r.session";

/// The reports of a session, in the order of their times, with their records: all, or those of the people in a JSON list of
/// numbers.
pub(super) fn reports_of(
    connection: &Connection,
    session: i64,
    people: Option<&str>,
) -> rusqlite::Result<Vec<Report>> {
    let sql = format!("{REPORT} WHERE r.session = ? ORDER BY r.starts_at, r.key");
    let mut statement = connection.prepare_cached(&sql)?;
    let reports = statement.query_map([session], |row| Ok((report(row)?, row.get(29)?)))?;
    let mut with_records = Vec::new();
    for (mut report, count) in reports.collect::<rusqlite::Result<Vec<(Report, usize)>>>()? {
        match people {
            Some(people) => {
                let values = (report.row, people);
                add_records(connection, &mut report, OF_PEOPLE, values)?;
            }
            None => {
                report.records.reserve(count);
                let values = [report.row];
                add_records(connection, &mut report, OF_REPORT, values)?;
            }
        }
        report.provenance.revisions = revisions(connection, &report.provenance.key)?;
        with_records.push(report);
    }
    Ok(with_records)
}

fn report(row: &Row<'_>) -> rusqlite::Result<Report> {
    let fetched_at: Option<i64> = row.get(22)?;
    Ok(Report {
        series: series(row)?,
        title: of_columns(row.get(3)?, row.get(4)?),
        series_title: of_columns(row.get(27)?, row.get(28)?),
        organizer: organizer(row, 5)?,
        row: row.get(10)?,
        id: row.get(11)?,
        source: row.get(12)?,
        session_id: row.get(13)?,
        tenant_id: row.get(14)?,
        span: span(row.get(15)?, row.get(16)?),
        plan: span(row.get(17)?, row.get(18)?),
        participants: row.get(19)?,
        provenance: Provenance {
            key: row.get(20)?,
            sha256: row.get(21)?,
            fetched_at: fetched_at.and_then(timestamp),
            request_id: row.get(23)?,
            api: row.get(24)?,
            pages: row.get(25)?,
            cause: row.get(26)?,
            revisions: Vec::new(),
        },
        records: Vec::new(),
        erased: row.get(30)?,
    })
}

const RECORD: &str = "SELECT coalesce(a.record_id, i.identity_id), i.name, i.name_literal, i.address, i.address_literal, \
    i.identity_id, i.identity_kind, i.tenant_id, a.registration_id, a.external_registration_id, a.role, a.seconds, a.intervals, \
    a.joined_at, a.left_at";

const OF_REPORT: &str =
    "FROM records a JOIN identities i ON i.id = a.identity WHERE a.report = ?1 ORDER BY a.place";

/// Found by the people, who are few.
const OF_PEOPLE: &str = "FROM identities i CROSS JOIN records a ON a.identity = i.id AND a.report = ?1 \
    WHERE i.person IN (SELECT value FROM json_each(?2)) ORDER BY a.place";

fn add_records(
    connection: &Connection,
    report: &mut Report,
    of: &str,
    values: impl Params,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(&format!("{RECORD} {of}"))?;
    for one in statement.query_map(values, record)? {
        report.records.push(one?);
    }
    Ok(())
}

fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let id: Option<String> = row.get(0)?;
    let ends = [row.get(13)?, row.get(14)?];
    Ok(Record {
        id: id.filter(|id| !id.is_empty()),
        name: of_columns(row.get(1)?, row.get(2)?),
        address: of_columns(row.get(3)?, row.get(4)?),
        identity_id: row.get(5)?,
        identity: identity(row.get_ref(6)?.as_str()?),
        tenant_id: row.get(7)?,
        registration_id: row.get(8)?,
        external_registration_id: row.get(9)?,
        role: role(row.get_ref(10)?.as_str_or_null()?),
        graph_seconds: row.get(11)?,
        intervals: row.get_ref(12)?.as_str_or_null()?.and_then(|json| intervals_with(json, Some(ends))),
    })
}

/// The keys of the other answers for the report at a key.
fn revisions(connection: &Connection, key: &str) -> rusqlite::Result<Vec<String>> {
    let path = key.strip_prefix("reports/").unwrap_or(key);
    let folder = format!("revisions/{}/", path.strip_suffix(".json").unwrap_or(path));
    let mut statement = connection
        .prepare_cached("SELECT key FROM objects WHERE key > ?1 AND key < ?1 || '~' ORDER BY key")?;
    statement.query_map([folder], |row| row.get(0))?.collect()
}
