//! A ledger's last line: what it covers, and what it counted.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::jobs::{LedgerTotals, Purpose, UnitId};
use shared::ports::store::{ObjectStore, StoreError};

use crate::part::jsonl;

/// A ledger's last line: what the run covered, and what it counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// The run's id, as [`RunAccepted`](crate::RunAccepted) gave it.
    pub run_id: String,
    /// What the run was for: a backfill, a dry run or an audit.
    pub purpose: Purpose,
    /// Where the time begins whose sessions the ledger has.
    pub since: Timestamp,
    /// Where the time ends whose sessions the ledger has.
    pub until: Timestamp,
    /// Whether everything was seen and is there: nothing is missing, unreachable, absent or lost, and no unit
    /// silent.
    pub is_complete: bool,
    /// How many reports and sources there are of each state.
    pub totals: LedgerTotals,
    /// How many objects the ledger has before the one with the summary.
    pub objects: u32,
    /// Units that wrote no part in time: what they found is not known.
    pub silent: Vec<UnitId>,
}

/// The last line, as it stands in the ledger.
#[derive(Debug, Serialize, Deserialize)]
struct LastLine {
    summary: Summary,
}

impl Summary {
    /// Whether everything could be looked at, be something missing: no source is unreachable, and no unit
    /// silent.
    pub fn is_seen(&self) -> bool {
        self.totals.unreachable == 0 && self.silent.is_empty()
    }

    /// The summary as the ledger's last line, with its line end.
    pub(crate) fn to_last_line(&self) -> String {
        jsonl(&[LastLine { summary: self.clone() }])
    }

    /// The summary of the ledger at `key`; `None` while there is none.
    ///
    /// # Errors
    /// The archive gave no answer, or refuses.
    pub async fn of(store: &dyn ObjectStore, key: &str) -> Result<Option<Self>, StoreError> {
        let object = store.get(key).await?;
        Ok(object.and_then(|object| {
            let text = std::str::from_utf8(&object.body).ok()?;
            let last: LastLine = serde_json::from_str(text.trim_end().lines().last()?).ok()?;
            Some(last.summary)
        }))
    }
}
