//! The answer to a request: the run that begins, and what of the request cannot be looked at.

use serde::{Deserialize, Serialize};

/// What a request is answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunAccepted {
    /// The id of the run: its parts and its ledger carry it.
    pub run_id: String,
    /// How many units were sent, and how many items refused.
    pub counts: Counts,
    /// What of the request cannot be looked at, and why.
    pub refused: Vec<RefusedItem>,
    /// The key under which the run's ledger will be; `None` where it keeps none.
    pub ledger: Option<String>,
}

/// The numbers of a run that begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// How many units the run begins with.
    pub units: usize,
    /// How many items of the request were refused.
    pub refused: usize,
}

/// An item of a request that cannot be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedItem {
    /// Its place in the request, like `meetings[2]`.
    pub item: String,
    /// A sentence that says what to write instead.
    pub why: String,
}
