//! The queries of an index: each reads the last state that was committed.

mod completeness;
mod gaps;
mod ledger;
mod named;
mod people;
mod registrations;
mod reports;
mod search;
mod series;
mod sessions;

use std::sync::atomic::Ordering;

use rusqlite::ToSql;

use super::rows::timestamp;
use super::{Index, IndexError, IndexState};

/// An object that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The object's key below the archive's root.
    pub key: String,
    /// Why, as the end of a sentence.
    pub why: String,
}

impl Index {
    /// What the index has, and whether it is being brought up to date.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn state(&self) -> Result<IndexState, IndexError> {
        let is_refreshing = self.is_refreshing.load(Ordering::Acquire);
        self.read(|connection| {
            let sql = "SELECT (SELECT as_of FROM state), (SELECT count(*) FROM reports), (SELECT count(*) FROM sessions), \
                (SELECT count(*) FROM unreadable)";
            connection.prepare_cached(sql)?.query_row([], |row| {
                let as_of: Option<i64> = row.get(0)?;
                Ok(IndexState {
                    as_of: as_of.and_then(timestamp),
                    reports: row.get(1)?,
                    sessions: row.get(2)?,
                    unreadable: row.get(3)?,
                    is_refreshing,
                })
            })
        })
    }

    /// The objects that could not be read, and why, in the order of their keys: the first thousand.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn unreadable(&self) -> Result<Vec<Unreadable>, IndexError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT key, why FROM unreadable ORDER BY key LIMIT 1000")?;
            let rows =
                statement.query_map([], |row| Ok(Unreadable { key: row.get(0)?, why: row.get(1)? }))?;
            rows.collect()
        })
    }
}

/// Conditions of a query, each with the values of its question marks, all of which must hold.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Box<dyn ToSql>>,
}

impl Conditions {
    fn add(&mut self, sql: impl Into<String>, values: impl IntoIterator<Item = Box<dyn ToSql>>) {
        self.sql.push(format!("({})", sql.into()));
        self.values.extend(values);
    }

    /// The conditions behind `WHERE`.
    fn sql(&self) -> String {
        if self.sql.is_empty() { "TRUE".to_owned() } else { self.sql.join(" AND ") }
    }

    fn values(&self) -> impl rusqlite::Params + '_ {
        rusqlite::params_from_iter(self.values.iter())
    }
}

/// A value of a condition.
fn value(value: impl ToSql + 'static) -> Box<dyn ToSql> {
    Box::new(value)
}
