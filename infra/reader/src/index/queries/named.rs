//! Which series a person means who names a meeting.

use std::collections::BTreeSet;

use rusqlite::params;
use shared::model::{MeetingName, built_meeting_id, comparable_id};

use super::ledger::{OPEN, entry};
use super::sessions::{SERIES, series};
use crate::index::archived::comparable_url;
use crate::index::{Index, IndexError};
use crate::model::SeriesId;

impl Index {
    /// The series of the meetings that a text names: a join URL, the number that people type to join it, or its id. Empty where the
    /// archive has no report of it, and no ledger knows a session.
    ///
    /// # Errors
    /// SQLite gives no answer.
    pub fn meetings_named(&self, text: &str) -> Result<Vec<SeriesId>, IndexError> {
        let name = MeetingName::of_text(&without_blanks(text));
        let (id, url, number): (Option<String>, Option<String>, Option<String>) = match name {
            MeetingName::JoinWebUrl(url) => (built_meeting_id(&url), Some(comparable_url(&url)), None),
            MeetingName::JoinMeetingId(number) => (None, None, Some(number)),
            MeetingName::Id(id) => (Some(id), None, None),
        };
        let id = id.map(|id| comparable_id(&id).into_owned());
        self.read(|connection| {
            let named = "(SELECT ?1 UNION SELECT series FROM event_entries WHERE kind = 'meeting' AND (join_url = ?2 OR join_number = ?3))";
            let sql =
                format!("SELECT DISTINCT {SERIES} FROM sessions WHERE kind = 'meeting' AND series IN {named}");
            let mut statement = connection.prepare_cached(&sql)?;
            let kept = statement.query_map(params![id, url, number], series)?;
            let mut found: BTreeSet<SeriesId> = kept.collect::<rusqlite::Result<_>>()?;
            let mut statement =
                connection.prepare_cached(&format!("{OPEN} AND e.kind = 'meeting' AND e.series IN {named}"))?;
            for line in statement.query_map(params![id, url, number], entry)? {
                found.extend(line?.series);
            }
            Ok(found.into_iter().collect())
        })
    }
}

/// A text without the blanks with which clients show a number, and mail breaks an address.
fn without_blanks(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}
