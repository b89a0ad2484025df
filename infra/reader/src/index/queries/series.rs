//! Lists of series.

use rusqlite::{Connection, params};

use super::Conditions;
use super::search::Search;
use super::sessions::{ORGANIZER, SERIES, organizer, series};
use crate::index::archived::of_columns;
use crate::index::rows::timestamp;
use crate::index::{Index, IndexError, Page, SeriesLine};

/// A series before its line is read: its newest session, and what is counted.
struct Counted {
    session: i64,
    sessions: usize,
    first: Option<i64>,
    last: Option<i64>,
}

impl Index {
    /// The series whose titles or organizers have all words of `search`, those of the newest sessions first: `limit` of them after
    /// `offset`, and how many there are.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn series(
        &self,
        search: Option<&str>,
        offset: usize,
        limit: usize,
    ) -> Result<Page<SeriesLine>, IndexError> {
        self.read(|connection| {
            let mut conditions = Conditions::default();
            if let Some(search) = Search::of(search) {
                let (texts, values) = search.of_texts();
                conditions.add(format!("s.words IN ({texts})"), values);
            }
            let all = counted(connection, &conditions)?;
            let page = all.iter().skip(offset).take(limit);
            let rows = page.map(|counted| line(connection, counted)).collect::<rusqlite::Result<_>>()?;
            Ok(Page { rows, total: all.len() })
        })
    }
}

fn counted(connection: &Connection, conditions: &Conditions) -> rusqlite::Result<Vec<Counted>> {
    let sql = format!(
        "SELECT max(s.id), count(*), min(s.starts_at), max(s.starts_at) AS last FROM sessions s WHERE {} \
         GROUP BY s.kind, s.series, s.channel_title ORDER BY last DESC, 1 DESC",
        conditions.sql()
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(conditions.values(), |row| {
        Ok(Counted { session: row.get(0)?, sessions: row.get(1)?, first: row.get(2)?, last: row.get(3)? })
    })?;
    rows.collect()
}

/// The line of a series, with its title, and the organizer of a session of it.
fn line(connection: &Connection, counted: &Counted) -> rusqlite::Result<SeriesLine> {
    let sql = format!(
        "SELECT {SERIES}, series_title, series_title_literal, {ORGANIZER} FROM sessions WHERE id = ?1"
    );
    connection.prepare_cached(&sql)?.query_row(params![counted.session], |row| {
        Ok(SeriesLine {
            id: series(row)?,
            title: of_columns(row.get(3)?, row.get(4)?),
            organizer: organizer(row, 5)?,
            sessions: counted.sessions,
            first: counted.first.and_then(timestamp),
            last: counted.last.and_then(timestamp),
        })
    })
}
