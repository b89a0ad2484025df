//! Lists of sessions.

use rusqlite::{Connection, OptionalExtension, Row};

use super::search::Search;
use super::{Conditions, value};
use crate::index::archived::{nanoseconds, of_columns};
use crate::index::rows::{kind, span};
use crate::index::{Index, IndexError, Page, SessionLine, SessionQuery, SessionSort};
use crate::model::{Kind, Organizer, SeriesId};

impl Index {
    /// The sessions that are asked for: one page of them, and how many there are.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn sessions(&self, query: &SessionQuery) -> Result<Page<SessionLine>, IndexError> {
        self.read(|connection| {
            let conditions = conditions(connection, query)?;
            let (total, ids) = if conditions.sql.is_empty() {
                (count(connection)?, ids(connection, query, &conditions, Some((query.limit, query.offset)))?)
            } else {
                let all = ids(connection, query, &conditions, None)?;
                (all.len(), all.into_iter().skip(query.offset).take(query.limit).collect())
            };
            let rows = ids.into_iter().map(|id| line(connection, id)).collect::<rusqlite::Result<_>>()?;
            Ok(Page { rows, total })
        })
    }

    /// How many of the sessions that are asked for are of each kind; a kind in the question is not looked at.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn kinds(&self, query: &SessionQuery) -> Result<Vec<(Kind, usize)>, IndexError> {
        self.read(|connection| {
            let conditions = conditions(connection, &SessionQuery { kind: None, ..query.clone() })?;
            let sql =
                format!("SELECT kind, count(*) FROM sessions s WHERE {} GROUP BY kind", conditions.sql());
            let mut statement = connection.prepare_cached(&sql)?;
            let rows =
                statement.query_map(conditions.values(), |row| Ok((kind(row.get(0)?), row.get(1)?)))?;
            let counts = rows.collect::<rusqlite::Result<Vec<(Option<Kind>, usize)>>>()?;
            let count = |kind| counts.iter().find(|(of, _)| *of == Some(kind)).map_or(0, |(_, count)| *count);
            Ok(Kind::ALL.into_iter().map(|kind| (kind, count(kind))).collect())
        })
    }
}

fn conditions(connection: &Connection, query: &SessionQuery) -> rusqlite::Result<Conditions> {
    let mut conditions = Conditions::default();
    if let Some(search) = Search::of(query.search.as_deref()) {
        search.find_sessions(connection)?;
        conditions.add("found(s.id)", []);
    }
    if let Some(person) = &query.person {
        conditions.add(
            "s.id IN (SELECT r.session FROM people k CROSS JOIN people p ON p.root = k.root CROSS JOIN identities i ON i.person = p.id \
             CROSS JOIN records a ON a.identity = i.id CROSS JOIN reports r ON r.id = a.report WHERE k.key = ?)",
            [value(person.clone())],
        );
    }
    if let Some(kind) = query.kind {
        conditions.add("s.kind = ?", [value(kind.name())]);
    }
    if let Some(since) = query.since.and_then(nanoseconds) {
        conditions.add("s.starts_at >= ?", [value(since)]);
    }
    if let Some(until) = query.until.and_then(nanoseconds) {
        conditions.add("s.starts_at < ?", [value(until)]);
    }
    Ok(conditions)
}

/// The columns of an order, and whether the greatest comes first unless it is turned round.
fn order(sort: SessionSort) -> (&'static str, bool) {
    match sort {
        SessionSort::Start => ("starts_at", true),
        SessionSort::Title => ("title_order", false),
        SessionSort::Organizer => ("organizer_order", false),
        SessionSort::People => ("people", true),
        SessionSort::Minutes => ("mean_seconds", true),
    }
}

fn ids(
    connection: &Connection,
    query: &SessionQuery,
    conditions: &Conditions,
    page: Option<(usize, usize)>,
) -> rusqlite::Result<Vec<i64>> {
    let (column, is_descending) = order(query.sort);
    let direction = if is_descending != query.is_reversed { "DESC" } else { "ASC" };
    let limit = page.map(|(limit, offset)| format!("LIMIT {limit} OFFSET {offset}")).unwrap_or_default();
    let sql = format!(
        "SELECT s.id FROM sessions s WHERE {} ORDER BY s.{column} {direction}, s.id {direction} {limit}",
        conditions.sql()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    statement.query_map(conditions.values(), |row| row.get(0))?.collect()
}

fn count(connection: &Connection) -> rusqlite::Result<usize> {
    connection.prepare_cached("SELECT count(*) FROM sessions")?.query_row([], |row| row.get(0))
}

fn line(connection: &Connection, id: i64) -> rusqlite::Result<SessionLine> {
    let sql = format!(
        "SELECT {SERIES}, title, title_literal, {ORGANIZER}, key, starts_at, ends_at, people, participants, mean_seconds, curve, parts, \
        is_short FROM sessions WHERE id = ?1"
    );
    connection.prepare_cached(&sql)?.query_row([id], |row| {
        let curve: String = row.get(16)?;
        Ok(SessionLine {
            series: series(row)?,
            title: of_columns(row.get(3)?, row.get(4)?),
            organizer: organizer(row, 5)?,
            key: row.get(10)?,
            span: span(row.get(11)?, row.get(12)?),
            people: row.get(13)?,
            participants: row.get(14)?,
            mean_seconds: row.get(15)?,
            curve: serde_json::from_str(&curve).unwrap_or_default(),
            parts: row.get(17)?,
            is_short: row.get(18)?,
        })
    })
}

/// The columns of a session's series.
pub(super) const SERIES: &str = "kind, series, channel_title";

/// The columns of an organizer, which follow those of a title.
pub(super) const ORGANIZER: &str =
    "organizer_id, organizer_name, organizer_name_literal, organizer_address, organizer_address_literal";

/// The series in the first three columns.
pub(super) fn series(row: &Row<'_>) -> rusqlite::Result<SeriesId> {
    let kind = kind(row.get(0)?).unwrap_or(Kind::Meeting);
    Ok(SeriesId { kind, id: row.get(1)?, channel_title: row.get(2)? })
}

/// The organizer in five columns.
pub(super) fn organizer(row: &Row<'_>, first: usize) -> rusqlite::Result<Organizer> {
    Ok(Organizer {
        id: row.get(first)?,
        name: of_columns(row.get(first + 1)?, row.get(first + 2)?),
        address: of_columns(row.get(first + 3)?, row.get(first + 4)?),
    })
}

/// The number of the session that the report at a key is of.
pub(super) fn session_of(connection: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT session FROM reports WHERE key = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?.flatten())
}
