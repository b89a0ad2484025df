//! Which of the sessions that are asked for are not kept, also where nothing of their series is.

use std::collections::BTreeSet;

use rusqlite::Connection;

use super::ledger::{OPEN, entry};
use super::reports::of_organizer;
use super::search::Search;
use super::sessions::{SERIES, series};
use super::{Conditions, value};
use crate::index::archived::Target;
use crate::index::{Index, IndexError, SeriesQuery};
use crate::model::{Gaps, LedgerEntry, SeriesId};

impl Index {
    /// What the ledgers say is not archived of the sessions that are asked for, in the order of their times; where anything is
    /// asked for, also sources that could not be looked at. A title is that of the ledger, or of the series; an organizer that of the
    /// source, or of the series.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn gaps(&self, query: &SeriesQuery) -> Result<Gaps, IndexError> {
        self.read(|connection| {
            let mut asked = Asked::of(connection, query)?;
            let sql = format!("{OPEN} ORDER BY e.starts_at, e.source");
            let mut statement = connection.prepare_cached(&sql)?;
            let all = statement.query_map([], entry)?.collect::<rusqlite::Result<Vec<_>>>()?;
            let titled = all.iter().filter_map(|entry| entry.series.as_ref());
            asked.known.extend(titled.filter(|series| series.channel_title.is_some()).cloned());
            let mut gaps = Gaps::default();
            for found in all {
                match asked.fit(&found) {
                    Fit::Yes => gaps.known.push(found),
                    Fit::Unclear => gaps.unclear.push(found),
                    Fit::No => {}
                }
            }
            Ok(gaps)
        })
    }
}

/// Whether a line is of the sessions that are asked for, the best last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    No,
    /// It is of a channel that has them, and of which of its series cannot be told.
    Unclear,
    Yes,
}

impl From<bool> for Fit {
    fn from(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

/// What is asked for, and which series of the archive it is.
struct Asked<'a> {
    query: &'a SeriesQuery,
    title: Option<Search>,
    /// The series that are known of the events that are asked for, also those of which nothing is kept.
    known: BTreeSet<SeriesId>,
    /// Those with the title, or a session that has it.
    titled: BTreeSet<SeriesId>,
    /// Those of the organizer.
    organized: BTreeSet<SeriesId>,
}

impl<'a> Asked<'a> {
    fn of(connection: &Connection, query: &'a SeriesQuery) -> rusqlite::Result<Self> {
        let title = Search::of(query.title.as_deref());
        let mut asked = Self {
            query,
            known: BTreeSet::new(),
            titled: BTreeSet::new(),
            organized: BTreeSet::new(),
            title,
        };
        if !query.series.is_empty() {
            let mut conditions = Conditions::default();
            let values = query.series.iter().flat_map(|one| [value(one.kind.name()), value(one.id.clone())]);
            let each = vec!["(kind = ? AND series = ?)"; query.series.len()].join(" OR ");
            conditions.add(each, values.collect::<Vec<_>>());
            asked.known = series_with(connection, "sessions", &conditions)?;
        }
        if let Some(title) = &asked.title {
            let mut conditions = Conditions::default();
            let (sql, values) = title.in_column("title_order");
            conditions.add(sql, values);
            asked.titled = series_with(connection, "sessions", &conditions)?;
        }
        if let Some(organizer) = &query.organizer {
            let mut conditions = Conditions::default();
            of_organizer(&mut conditions, "", organizer);
            asked.organized = series_with(connection, "sessions", &conditions)?;
            let of_events = "(SELECT *, NULL AS channel_title FROM event_entries)";
            asked.organized.extend(series_with(connection, of_events, &conditions)?);
        }
        Ok(asked)
    }

    fn fit(&self, entry: &LedgerEntry) -> Fit {
        let Self { query, title, .. } = self;
        let is_in_time = entry.start.is_none_or(|start| {
            query.since.is_none_or(|since| start >= since) && query.until.is_none_or(|until| start < until)
        });
        let is_narrow = !query.series.is_empty() || title.is_some() || query.organizer.is_some();
        match &entry.series {
            _ if !is_in_time => Fit::No,
            None => (!is_narrow).into(),
            Some(own) => {
                self.in_series(own, entry).min(self.with_title(own, entry)).min(self.by_organizer(own, entry))
            }
        }
    }

    fn in_series(&self, own: &SeriesId, entry: &LedgerEntry) -> Fit {
        if self.query.series.is_empty() || self.query.series.contains(own) {
            return Fit::Yes;
        }
        let is_of_channel = |other: &&SeriesId| is_same_event(other, own);
        let is_asked = self.query.series.iter().any(|other| is_same_event(other, own));
        // Where all that is known of the channel is asked for, it is of that.
        let is_all = self.known.iter().filter(is_of_channel).all(|other| self.query.series.contains(other));
        match is_untitled(own, entry) {
            true if is_asked && is_all => Fit::Yes,
            true if is_asked => Fit::Unclear,
            _ => Fit::No,
        }
    }

    fn with_title(&self, own: &SeriesId, entry: &LedgerEntry) -> Fit {
        let Some(title) = &self.title else { return Fit::Yes };
        let has_title = entry.title.as_ref().is_some_and(|text| title.is_in(text.shown()));
        if has_title || self.titled.contains(own) {
            return Fit::Yes;
        }
        let is_of_channel = self.titled.iter().any(|other| is_same_event(other, own));
        if is_untitled(own, entry) && is_of_channel { Fit::Unclear } else { Fit::No }
    }

    fn by_organizer(&self, own: &SeriesId, entry: &LedgerEntry) -> Fit {
        let Some(organizer) = &self.query.organizer else { return Fit::Yes };
        let of_path = Target::of_path(&entry.source).and_then(|target| target.organizer_id);
        let is_of_path = of_path.is_some_and(|id| id.eq_ignore_ascii_case(organizer));
        (is_of_path || self.organized.iter().any(|other| is_same_event(other, own))).into()
    }
}

/// Whether both are of one meeting, webinar or town hall: a channel's list has several series.
fn is_same_event(one: &SeriesId, other: &SeriesId) -> bool {
    (one.kind, &one.id) == (other.kind, &other.id)
}

/// Whether it is a channel's, and has no title by which its series is told.
fn is_untitled(own: &SeriesId, entry: &LedgerEntry) -> bool {
    own.channel_title.is_none() && Target::of_path(&entry.source).is_some_and(|target| target.is_channel)
}

fn series_with(
    connection: &Connection,
    table: &str,
    conditions: &Conditions,
) -> rusqlite::Result<BTreeSet<SeriesId>> {
    let sql = format!("SELECT DISTINCT {SERIES} FROM {table} WHERE {}", conditions.sql());
    connection.prepare_cached(&sql)?.query_map(conditions.values(), series)?.collect()
}
