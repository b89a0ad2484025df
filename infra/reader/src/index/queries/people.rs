//! Lists of people, and the sessions of one.

use rusqlite::{Connection, OptionalExtension, Row};

use super::reports::reports_of;
use super::search::Search;
use super::sessions::session_of;
use super::{Conditions, value};
use crate::index::archived::of_columns;
use crate::index::rows::timestamp;
use crate::index::{Index, IndexError, Page, PersonLine};
use crate::model::Report;

const LINE: &str = "p.key, p.name, p.name_literal, p.address, p.address_literal, p.sessions, p.last_at";

impl Index {
    /// The people whose names or addresses have all words of `search`, by name: `limit` of them after `offset`, and how many there
    /// are. Who is anonymous, or telephoned, is a person of one session.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn people(
        &self,
        search: Option<&str>,
        offset: usize,
        limit: usize,
    ) -> Result<Page<PersonLine>, IndexError> {
        self.read(|connection| {
            let mut conditions = Conditions::default();
            conditions.add("p.sessions > 0 AND p.root = p.id", []);
            if let Some(search) = Search::of(search) {
                let (words, values) = search.of_texts();
                let sql = "p.id IN (SELECT q.root FROM identities i CROSS JOIN people q ON q.id = i.person WHERE i.words IN";
                conditions.add(format!("{sql} ({words}))"), values);
            }
            let total = count(connection, &conditions)?;
            conditions.values.extend([value(limit), value(offset)]);
            let sql = format!(
                "SELECT {LINE} FROM people p WHERE {} ORDER BY p.name COLLATE NOCASE, p.id LIMIT ? OFFSET ?",
                conditions.sql()
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(conditions.values(), line)?.collect::<rusqlite::Result<_>>()?;
            Ok(Page { rows, total })
        })
    }

    /// The person with a key as it is displayed; `None` where nobody has it.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn person(&self, key: &str) -> Result<Option<PersonLine>, IndexError> {
        self.read(|connection| {
            let Some(root) = root(connection, key)? else { return Ok(None) };
            let sql = format!("SELECT {LINE} FROM people p WHERE p.id = ?1");
            connection.prepare_cached(&sql)?.query_row([root], line).map(Some)
        })
    }

    /// The key of the person whom a key means in all of the archive, as both are displayed: an address means the only user who has it.
    /// `None` where nobody was seen by that key.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn key_of_person(&self, key: &str) -> Result<Option<String>, IndexError> {
        self.read(|connection| {
            let sql = "SELECT coalesce((SELECT r.key FROM people p JOIN people r ON r.id = p.root WHERE p.key = ?1), \
                 (SELECT CASE count(*) WHEN 1 THEN min(p.key) END FROM addresses a JOIN people p ON p.id = a.person \
                  WHERE a.address = substr(?1, 6) AND substr(?1, 1, 5) = 'mail:'))";
            connection.prepare_cached(sql)?.query_row([key], |row| row.get(0))
        })
    }

    /// The reports of each of these sessions with the records of one person only, and of those who have an address of this person or of one
    /// another: nobody else's record says who the person is, but registrations do, and what was told. Sessions are named by the keys of
    /// their reports.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn excerpts(&self, key: &str, sessions: &[&str]) -> Result<Vec<Vec<Report>>, IndexError> {
        self.read(|connection| {
            let Some(root) = root(connection, key)? else { return Ok(Vec::new()) };
            let people = connected(connection, root)?;
            let excerpt = |session: &&str| match session_of(connection, session)? {
                Some(session) => reports_of(connection, session, Some(&people)),
                None => Ok(Vec::new()),
            };
            sessions.iter().map(excerpt).collect()
        })
    }

    /// All keys, as they are displayed, by which records name the person with a key; empty where nobody has it.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn keys_of(&self, key: &str) -> Result<Vec<String>, IndexError> {
        self.read(|connection| {
            let Some(root) = root(connection, key)? else { return Ok(Vec::new()) };
            let mut statement = connection.prepare_cached("SELECT key FROM people WHERE root = ?1")?;
            statement.query_map([root], |row| row.get(0))?.collect()
        })
    }

    /// Other people who have an address of the person with a key: perhaps the same one, which nobody but a person can tell.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn doubles_of(&self, key: &str) -> Result<Vec<PersonLine>, IndexError> {
        self.read(|connection| {
            let Some(root) = root(connection, key)? else { return Ok(Vec::new()) };
            let sql = format!(
                "WITH mine AS (SELECT address FROM addresses WHERE person = ?1 \
                   UNION SELECT substr(key, 6) FROM people WHERE id = ?1 AND kind = 'address') \
                 SELECT {LINE} FROM people p WHERE p.sessions > 0 AND p.id <> ?1 AND p.id IN (\
                   SELECT o.person FROM addresses o JOIN mine USING (address) \
                   UNION SELECT q.root FROM mine JOIN people q ON q.key = 'mail:' || mine.address) ORDER BY p.id LIMIT 100"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            statement.query_map([root], line)?.collect()
        })
    }
}

/// The number of the person that the one with a key turned out to be.
fn root(connection: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT root FROM people WHERE key = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([key], |row| row.get(0)).optional()?.flatten())
}

/// The people who are one with `root`, who have an address of these, an address of those, and so on: a JSON list of numbers.
fn connected(connection: &Connection, root: i64) -> rusqlite::Result<String> {
    let sql = "WITH RECURSIVE connected (person) AS (SELECT id FROM people WHERE root = ?1 \
        UNION SELECT p.id FROM connected c CROSS JOIN addresses a ON a.person = c.person \
          CROSS JOIN people p ON p.key = 'mail:' || a.address \
        UNION SELECT a.person FROM connected c CROSS JOIN people p ON p.id = c.person AND p.kind = 'address' \
          CROSS JOIN addresses a ON a.address = substr(p.key, 6) \
        UNION SELECT o.person FROM connected c CROSS JOIN addresses a ON a.person = c.person \
          CROSS JOIN addresses o ON o.address = a.address) \
        SELECT json_group_array(person) FROM connected";
    connection.prepare_cached(sql)?.query_row([root], |row| row.get(0))
}

fn count(connection: &Connection, conditions: &Conditions) -> rusqlite::Result<usize> {
    let sql = format!("SELECT count(*) FROM people p WHERE {}", conditions.sql());
    connection.prepare_cached(&sql)?.query_row(conditions.values(), |row| row.get(0))
}

fn line(row: &Row<'_>) -> rusqlite::Result<PersonLine> {
    let last: Option<i64> = row.get(6)?;
    Ok(PersonLine {
        key: row.get(0)?,
        name: of_columns(row.get(1)?, row.get(2)?),
        address: of_columns(row.get(3)?, row.get(4)?),
        sessions: row.get(5)?,
        last: last.and_then(timestamp),
    })
}
