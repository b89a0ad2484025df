//! What the archived reports of a day tell: noted once in a run, a page at a time, since many of its units ask for the same
//! day. Without the notes each would look at every report of the day, and a day with ten times the meetings took a hundred
//! times the requests.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared::archive::layout::{self, reports_of_day};
use shared::jobs::{CallSession, Run};
use shared::model::parse_time;
use shared::ports::store::{Condition, KeyPage, Metadata, PutResult, StoreError};

use crate::Dependencies;
use crate::heads::heads;
use crate::part::{json, text_object};

/// A page of fewer reports is looked at as cheaply as a note is written.
const WORTH_A_NOTE: usize = 50;

/// A page of a day's reports.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DayPage {
    /// What its reports tell, as far as their metadata do.
    pub(crate) reports: Vec<ToldReport>,
    /// The key after which the next page begins; `None` on the day's last.
    pub(crate) after: Option<String>,
}

/// What the metadata of a report tell.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ToldReport {
    /// Its source, in lower case.
    pub(crate) source: String,
    start: Timestamp,
    end: Timestamp,
}

impl DayPage {
    /// The page of this `number`, counted from 0, of the reports of meetings that began on `day` (UTC), which begins after
    /// the key `after`.
    ///
    /// # Errors
    /// The archive gave no answer, or refuses.
    pub(crate) async fn of(
        dependencies: &Dependencies,
        run: &Run,
        day: Date,
        (number, after): (u32, Option<&str>),
    ) -> Result<Self, StoreError> {
        let Dependencies { store, tenant_id, .. } = dependencies;
        let prefix = reports_of_day(tenant_id, "meeting", day);
        let note = layout::audit_day(&run.id, day, number);
        let mut listed = None;
        // Of most days the first page is short, and the last.
        if number == 0 {
            let first = store.list(&prefix, None).await?;
            if first.keys.len() < WORTH_A_NOTE {
                return Self::read(dependencies, first).await;
            }
            listed = Some(first);
        }
        if let Some(noted) = Self::noted(dependencies, &note).await? {
            return Ok(noted);
        }
        let listed = match listed {
            Some(listed) => listed,
            None => store.list(&prefix, after).await?,
        };
        let page = Self::read(dependencies, listed).await?;
        match store.put(&note, text_object(json(&page)), Condition::IfAbsent).await? {
            PutResult::Stored => Ok(page),
            // The pages after it are those of the first who noted this one.
            PutResult::ConditionFailed => Ok(Self::noted(dependencies, &note).await?.unwrap_or(page)),
        }
    }

    async fn noted(dependencies: &Dependencies, note: &str) -> Result<Option<Self>, StoreError> {
        let noted = dependencies.store.get(note).await?;
        Ok(noted.and_then(|noted| serde_json::from_slice(&noted.body).ok()))
    }

    async fn read(dependencies: &Dependencies, listed: KeyPage) -> Result<Self, StoreError> {
        let after = listed.keys.last().filter(|_| !listed.is_last).cloned();
        let heads = heads(&*dependencies.store, listed.keys).await?;
        let reports = heads.iter().filter_map(|(_, head)| ToldReport::of(&head.metadata)).collect();
        Ok(Self { reports, after })
    }
}

impl ToldReport {
    fn of(metadata: &Metadata) -> Option<Self> {
        let time = |name: &str| metadata.get(name).and_then(|time| parse_time(time));
        let source = metadata.get("source")?.to_ascii_lowercase();
        Some(Self { source, start: time("meeting-start")?, end: time("meeting-end")? })
    }

    /// Whether it is the report of a session of its source: of the same time.
    pub(crate) fn tells_of(&self, session: &CallSession) -> bool {
        self.start <= session.times.end && self.end >= session.times.start
    }
}
