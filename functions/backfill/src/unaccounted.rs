//! The lines that keep a ledger from being complete, for comparing one ledger with another.

use std::hash::{DefaultHasher, Hash, Hasher};

use shared::archive::layout;
use shared::ports::store::{ObjectStore, StoreError};

use crate::{LedgerLine, State, Summary};

/// What a ledger tells of something that is missing, unreachable, absent or lost: equal in two ledgers that tell
/// the same, whatever remedy or risk they name. Ids are in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unaccounted {
    /// What is known of the report, of the session, or of the source.
    pub state: State,
    /// The source's path in Graph.
    pub source: String,
    /// The report's id; `None` where no report is known.
    pub report_id: Option<String>,
    /// The session's id; `None` where only the report or the source is known.
    pub session_id: Option<String>,
    /// Why the source could not be looked at: an outcome's name; `None` for a report.
    pub outcome: Option<String>,
}

impl Unaccounted {
    /// What a line tells; `None` for one that does not keep its ledger from being complete.
    pub fn of_line(line: &LedgerLine) -> Option<Self> {
        let lower = |id: &Option<String>| id.as_ref().map(|id| id.to_lowercase());
        line.state.is_unaccounted().then(|| Self {
            state: line.state,
            source: line.source.to_lowercase(),
            report_id: lower(&line.report_id),
            session_id: lower(&line.session_id),
            outcome: line.outcome.clone(),
        })
    }

    /// What each such line of the ledger tells whose summary is at `key`, of all its objects; `None` where there is no
    /// such ledger. A line that this build cannot read is not among them.
    ///
    /// # Errors
    /// The archive gave no answer, or refuses.
    pub async fn in_ledger(store: &dyn ObjectStore, key: &str) -> Result<Option<Vec<Self>>, StoreError> {
        let mut found = Vec::new();
        let is_there = Self::each_in_ledger(store, key, |told| found.push(told)).await?;
        Ok(is_there.then_some(found))
    }

    /// The same, one after the other: of a large tenant no one keeps them all. Answers whether there is such a ledger.
    ///
    /// # Errors
    /// The archive gave no answer, or refuses.
    pub(crate) async fn each_in_ledger(
        store: &dyn ObjectStore,
        key: &str,
        mut told: impl FnMut(Self) + Send,
    ) -> Result<bool, StoreError> {
        let Some(summary) = Summary::of(store, key).await? else { return Ok(false) };
        let numbered = (1..=summary.objects).map(|number| layout::ledger_object(key, number));
        for key in numbered.chain([key.to_owned()]) {
            let Some(object) = store.get(&key).await? else { continue };
            let lines = object.body.split(|byte| *byte == b'\n');
            let read = lines.filter_map(|line| serde_json::from_slice::<LedgerLine>(line).ok());
            read.filter_map(|line| Self::of_line(&line)).for_each(&mut told);
        }
        Ok(true)
    }

    /// A number that tells it from others, as good as always.
    pub(crate) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}
