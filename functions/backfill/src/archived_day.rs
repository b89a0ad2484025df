//! What the archived reports of a day tell. Many units of a run ask for the same day: where it has many reports they are
//! noted once, by their sources, so that a unit reads only the notes of its own. Else each unit would look at every report of
//! the day, and a day with ten times the meetings took a hundred times the requests.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shared::archive::LOOKS_AT_ONCE;
use shared::archive::layout::{self, reports_of_day};
use shared::digest::sha256_hex;
use shared::jobs::{CallSession, Run};
use shared::model::parse_time;
use shared::ports::store::{Condition, Metadata, PutResult, StoreError};

use crate::Dependencies;
use crate::heads::heads;
use crate::part::{json, text_object};

/// A day of fewer reports is looked at as cheaply as notes are written.
const WORTH_NOTES: usize = 50;
/// How many characters of a source's name are that of the note that it is in: a day has 256 notes at most.
const NOTE: usize = 2;
/// How many characters of a hash name a source.
const KEPT: usize = 24;
/// The name of the note that is written last, when all others are there.
const ALL: &str = "all";

/// What the metadata of a report tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ToldReport {
    /// What its source is called here.
    pub(crate) source: String,
    start: Timestamp,
    end: Timestamp,
}

/// The reports of meetings that began on a day (UTC).
pub(crate) struct ArchivedDay<'a> {
    dependencies: &'a Dependencies,
    run: &'a Run,
    day: Date,
    /// All of them, where they are few; `None` where they are in notes.
    few: Option<Vec<ToldReport>>,
}

impl<'a> ArchivedDay<'a> {
    /// Looks at the reports of a day, and notes them where they are many and no unit of the run has done so.
    ///
    /// # Errors
    /// The archive gave no answer, or refuses.
    pub(crate) async fn of(
        dependencies: &'a Dependencies,
        run: &'a Run,
        day: Date,
    ) -> Result<Self, StoreError> {
        let mut archived = Self { dependencies, run, day, few: None };
        let store = &*dependencies.store;
        let prefix = reports_of_day(&dependencies.tenant_id, "meeting", day);
        let mut page = store.list(&prefix, None).await?;
        let are_many = page.keys.len() >= WORTH_NOTES;
        if are_many && store.head(&archived.key(ALL)).await?.is_some() {
            return Ok(archived);
        }
        let mut reports = Vec::new();
        loop {
            let after = page.keys.last().filter(|_| !page.is_last).cloned();
            let heads = heads(store, page.keys).await?;
            reports.extend(heads.iter().filter_map(|(_, head)| ToldReport::of(&head.metadata)));
            let Some(after) = after else { break };
            page = store.list(&prefix, Some(&after)).await?;
        }
        match are_many {
            true => archived.note(reports).await?,
            false => archived.few = Some(reports),
        }
        Ok(archived)
    }

    /// The reports of the sources that are called so, and of others.
    ///
    /// # Errors
    /// The archive gave no answer, or refuses.
    pub(crate) async fn reports_of(&self, sources: &[String]) -> Result<Vec<ToldReport>, StoreError> {
        if let Some(few) = &self.few {
            return Ok(few.clone());
        }
        let notes: BTreeSet<&str> = sources.iter().map(|source| &source[..NOTE]).collect();
        let read = notes.into_iter().map(async |note| {
            // A source without reports has no note of its own; one that cannot be read says nothing of them.
            let noted = self.dependencies.store.get(&self.key(note)).await?;
            let read = noted.map(|noted| serde_json::from_slice::<Vec<ToldReport>>(&noted.body));
            read.transpose().map(Option::unwrap_or_default).map_err(|_| unreadable())
        });
        let read: Vec<_> = stream::iter(read).buffered(LOOKS_AT_ONCE).try_collect().await?;
        Ok(read.into_iter().flatten().collect())
    }

    async fn note(&self, reports: Vec<ToldReport>) -> Result<(), StoreError> {
        let mut notes = BTreeMap::<String, Vec<ToldReport>>::new();
        for report in reports {
            notes.entry(report.source[..NOTE].to_owned()).or_default().push(report);
        }
        for (note, reports) in notes {
            self.put(&note, json(&reports)).await?;
        }
        self.put(ALL, String::new()).await
    }

    /// Two units may note a day at the same time: they have found the same, but for what came meanwhile.
    async fn put(&self, note: &str, text: String) -> Result<(), StoreError> {
        match self.dependencies.store.put(&self.key(note), text_object(text), Condition::Always).await? {
            PutResult::Stored | PutResult::ConditionFailed => Ok(()),
        }
    }

    fn key(&self, note: &str) -> String {
        layout::audit_day(&self.run.id, self.day, note)
    }
}

impl ToldReport {
    fn of(metadata: &Metadata) -> Option<Self> {
        let time = |name: &str| metadata.get(name).and_then(|time| parse_time(time));
        let source = name_of(metadata.get("source")?);
        Some(Self { source, start: time("meeting-start")?, end: time("meeting-end")? })
    }

    /// Whether it is the report of a session of its source: of the same time.
    pub(crate) fn tells_of(&self, session: &CallSession) -> bool {
        self.start <= session.times.end && self.end >= session.times.start
    }
}

fn unreadable() -> StoreError {
    StoreError::Unavailable { code: "a note of a day's reports cannot be read".to_owned() }
}

/// What a source is called here, by its path: paths of one source may differ in upper and lower case.
pub(crate) fn name_of(path: &str) -> String {
    let mut hash = sha256_hex(path.to_ascii_lowercase().as_bytes());
    hash.truncate(KEPT);
    hash
}
