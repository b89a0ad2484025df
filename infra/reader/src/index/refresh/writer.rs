//! The one writer of the index: rows of what was read, in transactions of some thousands.

mod insert;
mod ledger;
mod people;

use std::collections::HashMap;

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::change::{Change, Content, ReadObject};
use super::derive;
use crate::index::IndexError;

/// How many rows are written before they are kept.
const ROWS: usize = 20_000;

/// How many reports are written at least before sessions are made of them, and then again after thrice as many as there are.
const REPORTS: u64 = 1_000;

/// Writes what it is told until nobody tells anything more.
pub(super) fn write(connection: Connection, changes: mpsc::Receiver<Change>) -> Result<(), IndexError> {
    let mut writer = Writer {
        next_identity: next_id(&connection, "identities")?,
        next_person: next_id(&connection, "people")?,
        next_report: next_id(&connection, "reports")?,
        connection,
        identities: HashMap::new(),
        rows: 0,
        reports: 0,
        derived: 0,
    };
    writer.write_all(changes)
}

fn next_id(connection: &Connection, table: &str) -> rusqlite::Result<i64> {
    connection.query_row(&format!("SELECT coalesce(max(id), 0) + 1 FROM {table}"), [], |row| row.get(0))
}

struct Writer {
    connection: Connection,
    /// The identities that were seen, by their digests; bounded.
    identities: HashMap<String, (i64, i64)>,
    next_identity: i64,
    next_person: i64,
    next_report: i64,
    /// The rows of this transaction.
    rows: usize,
    /// The reports of this refresh.
    reports: u64,
    /// Of how many of them there are sessions.
    derived: u64,
}

impl Writer {
    fn write_all(&mut self, mut changes: mpsc::Receiver<Change>) -> Result<(), IndexError> {
        while let Some(first) = changes.blocking_recv() {
            self.connection.execute_batch("BEGIN IMMEDIATE")?;
            self.rows = 0;
            let mut change = Some(first);
            let mut listed = None;
            while let Some(next) = change.take() {
                match next {
                    Change::Listed(now) => listed = Some(now),
                    next => self.apply(next)?,
                }
                if self.rows < ROWS {
                    change = changes.try_recv().ok();
                }
            }
            self.connection.execute_batch("COMMIT")?;
            if listed.is_some() || self.reports - self.derived >= (3 * self.derived).max(REPORTS) {
                self.derived = self.reports;
                derive::derive(&mut self.connection)?;
                // Identities and people may be gone, and others have come.
                self.identities.clear();
                self.next_person = next_id(&self.connection, "people")?;
            }
            if let Some(now) = listed {
                self.open_entries()?;
                self.connection
                    .execute("UPDATE state SET as_of = ?1", [crate::index::archived::nanoseconds(now)])?;
                self.connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)")?;
            }
        }
        Ok(())
    }

    fn apply(&mut self, change: Change) -> rusqlite::Result<()> {
        self.rows += 1;
        match change {
            Change::Gone(key) => {
                self.forget(&key)?;
                self.execute("DELETE FROM objects WHERE key = ?1", [&key])
            }
            Change::Anew(key) => self.forget(&key),
            Change::LedgerLines(ledger, lines) => self.add_ledger_lines(&ledger, &lines),
            Change::Read(read) => self.read(*read),
            Change::Listed(_) => Ok(()),
        }
    }

    fn read(&mut self, read: ReadObject) -> rusqlite::Result<()> {
        let ReadObject { object, content, _permits } = read;
        let key = &object.key;
        if !matches!(content, Content::Ledger(..)) {
            self.forget(key)?;
        }
        match content {
            Content::Report(report) => self.add_report(key, &report)?,
            Content::Event(event) => self.add_event(key, &event)?,
            Content::Registrations(all) => self.add_registrations(key, &all)?,
            Content::Ledger(ledger, lines) => {
                self.add_ledger_lines(&ledger, &lines)?;
                self.add_ledger(&ledger)?;
            }
            Content::Schedule(ledger) => {
                self.execute("INSERT INTO schedules (key, ledger) VALUES (?1, ?2)", [key, &ledger])?
            }
            Content::Key => {}
            Content::Unreadable(why) => {
                self.execute("INSERT INTO unreadable (key, why) VALUES (?1, ?2)", [&**key, why])?
            }
        }
        self.execute("INSERT OR REPLACE INTO objects (key, version) VALUES (?1, ?2)", [key, &object.version])
    }

    fn execute(&self, sql: &str, parameters: impl rusqlite::Params) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute(parameters).map(|_| ())
    }
}
