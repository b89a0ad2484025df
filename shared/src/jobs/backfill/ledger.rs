//! How a run's ledger is joined, and what it counts.

use serde::{Deserialize, Serialize};

use super::UnitId;

/// How far the walk over a run's parts is. It goes over all of them twice: until each is written, then to
/// join them into the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerWalk {
    /// Whether this is the second pass, which joins the parts. In JSON it is `isComplete`, its older name.
    #[serde(rename = "isComplete")]
    pub joins_parts: bool,
    /// The units whose parts are read next, the last one first.
    pub units: Vec<UnitId>,
    /// The totals of the parts that were joined so far.
    pub totals: LedgerTotals,
    /// How many numbered objects of the ledger were written so far.
    pub objects: u32,
    /// The units that did not write a part in time.
    pub silent: Vec<UnitId>,
}

/// The totals that a ledger's last line shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerTotals {
    /// How many reports Graph lists.
    pub reports: u64,
    /// How many of the listed reports the archive has.
    pub archived: u64,
    /// How many reports the archive has with fewer records than participants.
    #[serde(default)]
    pub short: u64,
    /// How many of the listed reports the archive lacks.
    pub missing: u64,
    /// How many sessions that ended less than 48 hours ago have no report yet.
    #[serde(default)]
    pub pending: u64,
    /// How many sessions have no report 48 hours after their end.
    #[serde(default)]
    pub absent: u64,
    /// How many sessions are older than what Graph lists, and have no report in the archive.
    #[serde(default)]
    pub lost: u64,
    /// How many sources or items of the request could not be read.
    pub unreachable: u64,
    /// How many of the unreachable ones Graph does not know: meetings that were deleted or have expired.
    pub not_found: u64,
    /// How many lists of the tenant are empty, as they also are where no access policy covers an organizer.
    #[serde(default)]
    pub doubtful: u64,
    /// How many reports have at least one risk, such as counts that differ.
    pub at_risk: u64,
}

impl LedgerTotals {
    /// How many lines keep a ledger from being complete: what is missing, unreachable, absent or lost.
    pub fn unaccounted(&self) -> u64 {
        self.missing + self.unreachable + self.absent + self.lost
    }
}

/// A schedule that has a ledger of all that is watched written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LedgerSchedule {
    /// Each night, of the last days.
    Nightly,
    /// Each month, of the last year.
    Monthly,
}

impl LedgerSchedule {
    /// The name in requests, metrics and keys: `nightly` or `monthly`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nightly => "nightly",
            Self::Monthly => "monthly",
        }
    }
}
