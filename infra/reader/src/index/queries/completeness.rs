//! Days with what is archived and what is not.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rusqlite::{Connection, Row};
use shared::archive::layout::utc_day;

use super::ledger::{OPEN, asked_of, entry, nanoseconds_of, open, series_of};
use crate::index::archived::of_columns;
use crate::index::rows::timestamp;
use crate::index::{Completeness, Index, IndexError, LedgerDay};
use crate::model::{LedgerEntry, LedgerState, is_short};

/// The days of a ledger that covers more are not counted: a time without an end would have too many.
const MOST_DAYS: usize = 3_700;

impl Index {
    /// What is archived and what is not, by days in UTC: the archive's reports, and what the ledgers say beside them.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn completeness(&self) -> Result<Completeness, IndexError> {
        self.read(|connection| {
            let as_of: Option<i64> = connection
                .prepare_cached("SELECT max(until_at) FROM ledgers")?
                .query_row([], |row| row.get(0))?;
            let mut days = archived_days(connection)?;
            let mut unreachable = Vec::new();
            let mut unseen: BTreeSet<Date> = BTreeSet::new();
            for (entry, since, until) in all_open(connection)? {
                match entry.start {
                    Some(start) => {
                        *days.entry(utc_day(start)).or_default().entry(entry.state).or_default() += 1
                    }
                    // An empty list is doubtful as a whole, and on no day more than on another.
                    None if entry.state == LedgerState::Doubtful => unreachable.push(entry),
                    None => {
                        let (since, until) = asked_of(&entry.source, (since, until));
                        unseen.extend(days_of(since, until));
                        unreachable.push(entry);
                    }
                }
            }
            let all: BTreeSet<Date> = days.keys().chain(&unseen).copied().collect();
            let day = |day: Date| LedgerDay {
                day,
                counts: days.get(&day).into_iter().flatten().map(|(state, count)| (*state, *count)).collect(),
                has_unreachable: unseen.contains(&day),
            };
            Ok(Completeness {
                as_of: as_of.and_then(timestamp),
                days: all.into_iter().map(day).collect(),
                unreachable,
            })
        })
    }

    /// What is known of each session and report of a day in UTC, and of the sources that could not be looked at in a time that has it.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn ledger_day(&self, date: Date) -> Result<Vec<LedgerEntry>, IndexError> {
        let Some((since, until)) = nanoseconds_of(date) else { return Ok(Vec::new()) };
        self.read(|connection| {
            let mut entries = archived(connection, date)?;
            entries.extend(open(connection, (since, until))?);
            Ok(entries)
        })
    }
}

type Counts = BTreeMap<LedgerState, usize>;

/// How many reports of each day the archive has, whole and short ones.
fn archived_days(connection: &Connection) -> rusqlite::Result<BTreeMap<Date, Counts>> {
    let sql = "SELECT day, participants, records, count(*) FROM reports GROUP BY day, records, participants";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut days: BTreeMap<Date, Counts> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let Ok(day) = row.get_ref(0)?.as_str()?.parse::<Date>() else { continue };
        let count: usize = row.get(3)?;
        *days.entry(day).or_default().entry(state_of(row, 1)?).or_default() += count;
    }
    Ok(days)
}

/// Whether a report is whole, by its participants and records in two columns.
fn state_of(row: &Row<'_>, first: usize) -> rusqlite::Result<LedgerState> {
    let is_short = is_short(row.get(first)?, row.get(first + 1)?);
    Ok(if is_short { LedgerState::Short } else { LedgerState::Archived })
}

/// All open lines, each with the time that its ledger covers.
fn all_open(connection: &Connection) -> rusqlite::Result<Vec<(LedgerEntry, i64, i64)>> {
    let mut statement = connection.prepare_cached(OPEN)?;
    statement.query_map([], |row| Ok((entry(row)?, row.get(10)?, row.get(9)?)))?.collect()
}

/// The days in UTC of a time in nanoseconds.
fn days_of(since: i64, until: i64) -> impl Iterator<Item = Date> {
    let first = timestamp(since).map(utc_day);
    let last = timestamp(until.saturating_sub(1)).map(utc_day);
    first.zip(last).into_iter().flat_map(|(first, last)| {
        first.series(jiff::Span::new().days(1)).take_while(move |day| *day <= last).take(MOST_DAYS)
    })
}

/// The reports of a day that the archive has.
fn archived(connection: &Connection, day: Date) -> rusqlite::Result<Vec<LedgerEntry>> {
    let sql = "SELECT r.source, r.report_id, r.session_id, s.title, s.title_literal, r.starts_at, \
        coalesce(e.until_at, r.fetched_at, (SELECT as_of FROM state), 0), r.participants, r.records FROM reports r \
        LEFT JOIN sessions s ON s.id = r.session LEFT JOIN ledger_entries e ON e.source = r.source AND e.item = r.report_id \
        WHERE r.day = ?1 ORDER BY r.starts_at, r.key";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map([day.to_string()], archived_entry)?.collect()
}

fn archived_entry(row: &Row<'_>) -> rusqlite::Result<LedgerEntry> {
    let (source, start, as_of): (String, Option<i64>, i64) = (row.get(0)?, row.get(5)?, row.get(6)?);
    let title = of_columns(row.get(3)?, row.get(4)?);
    Ok(LedgerEntry {
        state: state_of(row, 7)?,
        series: series_of(&source, title.as_ref()),
        source,
        report_id: row.get(1)?,
        session_id: row.get(2)?,
        title,
        start: start.and_then(timestamp),
        outcome: None,
        remedy: None,
        as_of: timestamp(as_of).unwrap_or(jiff::Timestamp::UNIX_EPOCH),
    })
}
