//! The jobs of `backfill`: units of work, each of which one invocation can do.

mod ledger;
mod scope;
mod unit_id;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use ledger::{LedgerSchedule, LedgerTotals, LedgerWalk};
pub use scope::{CallSession, Scope};
pub use unit_id::UnitId;

use super::Job;
use crate::model::WatchedResource;

/// A unit of work that `backfill` takes from its queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum BackfillUnit {
    /// A resource may have been without a subscription: what happened in this window must be looked for.
    Gap {
        /// The resource of which Graph may not have notified.
        resource: WatchedResource,
        /// The beginning of the unsubscribed window (UTC).
        since: Timestamp,
        /// The end of the unsubscribed window (UTC).
        until: Timestamp,
    },
    /// One unit of a run: it scans its scope.
    #[serde(rename = "part")]
    Scan {
        /// The run that the unit belongs to.
        run: Run,
        /// The unit's id in its run.
        id: UnitId,
        /// What the unit scans for sources of reports.
        scope: Scope,
        /// How many units there are between this one and the first of its run.
        #[serde(default, skip_serializing_if = "super::is_first")]
        hops: u32,
    },
    /// The archive is walked over, for the manifests of what is new in it.
    Manifests {
        /// The id of the request that began the walk.
        run_id: String,
        /// When the walk began (UTC).
        began: Timestamp,
        /// The key after which it goes on; `None` at the beginning.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        /// How many units there are between this one and the first of its walk.
        #[serde(default, skip_serializing_if = "super::is_first")]
        hops: u32,
        /// Whether the unit has the queue of bulk runs ([`Run::is_bulk`]).
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_bulk: bool,
    },
    /// The end of a run: its ledger is joined from the parts that its units wrote.
    Ledger {
        /// The run whose ledger is joined.
        run: Run,
        /// How far the joining is.
        walk: LedgerWalk,
    },
}

impl BackfillUnit {
    /// The run that the unit belongs to; `None` for a gap, which is none yet, and for manifests, which ask Graph nothing.
    pub fn run(&self) -> Option<&Run> {
        match self {
            Self::Gap { .. } | Self::Manifests { .. } => None,
            Self::Scan { run, .. } | Self::Ledger { run, .. } => Some(run),
        }
    }

    /// Whether the unit has the queue of bulk runs ([`Run::is_bulk`]).
    pub fn is_bulk(&self) -> bool {
        match self {
            Self::Gap { .. } => false,
            Self::Manifests { is_bulk, .. } => *is_bulk,
            Self::Scan { run, .. } | Self::Ledger { run, .. } => run.is_bulk,
        }
    }

    /// The same unit, which has the queue of gaps ([`Run::is_bulk`]).
    #[must_use]
    pub fn not_bulk(mut self) -> Self {
        match &mut self {
            Self::Gap { .. } => {}
            Self::Manifests { is_bulk, .. } => *is_bulk = false,
            Self::Scan { run, .. } | Self::Ledger { run, .. } => run.is_bulk = false,
        }
        self
    }
}

impl Job for BackfillUnit {
    fn kind(&self) -> &'static str {
        match self {
            Self::Gap { .. } => "unsubscribed window",
            Self::Scan { .. } => "unit of a run",
            Self::Manifests { .. } => "manifests",
            Self::Ledger { .. } => "ledger of a run",
        }
    }

    fn target(&self) -> String {
        match self {
            Self::Gap { resource, .. } => resource.path(),
            Self::Scan { run, id, .. } => format!("{}/{id}", run.id),
            Self::Manifests { run_id, .. } => run_id.clone(),
            Self::Ledger { run, .. } => run.id.clone(),
        }
    }

    /// Nobody waits for a unit of a bulk run: it may wait for a day.
    fn due_at(&self, sent_at: Timestamp, _was_put_off: bool) -> Timestamp {
        if self.is_bulk() { sent_at + BULK_WAITS_FOR } else { sent_at }
    }

    fn run_and_unit(&self) -> Option<(&str, &str)> {
        match self {
            Self::Gap { .. } => None,
            Self::Scan { run, id, .. } => Some((&run.id, id.as_str())),
            Self::Manifests { run_id, .. } => Some((run_id, "manifests")),
            Self::Ledger { run, .. } => Some((&run.id, "ledger")),
        }
    }
}

/// For how long a unit of a bulk run may wait in its queue.
const BULK_WAITS_FOR: SignedDuration = SignedDuration::from_hours(24);

/// The most units of a run that follow from one another. Lambda's own count of such a chain ends at 16 invocations,
/// and is switched off (`RecursiveLoop` in the stack's template): lists are longer.
pub const MAX_UNIT_HOPS: u32 = 100;

/// One comparison of what Graph has with what the archive has, split into as many units as it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The run's id, which stands in the keys of its ledger.
    pub id: String,
    /// What the run is for.
    pub purpose: Purpose,
    /// Sessions from this time on (UTC).
    pub since: Timestamp,
    /// Sessions up to this time (UTC).
    pub until: Timestamp,
    /// Whether reports are fetched again that the archive has unchanged.
    pub refresh: bool,
    /// When the run began (UTC).
    pub began: Timestamp,
    /// The schedule whose ledger the run writes; `None` for a run by hand, and for one without a ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<LedgerSchedule>,
    /// Whether nobody waits for the run, or it covers so much that it must not keep others waiting: its units have a
    /// queue of their own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_bulk: bool,
}

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Purpose {
    /// A person asked for what is missing, and for a ledger.
    Backfill,
    /// The schedule or an unsubscribed window asked for what is missing, without a ledger.
    Reconcile,
    /// A person asked what a backfill would fetch: nothing is fetched.
    DryRun,
    /// A person or a schedule asked for a ledger: nothing is fetched.
    Audit,
}

impl Purpose {
    /// Whether a run of this purpose fetches what is missing.
    pub fn fetches(self) -> bool {
        matches!(self, Self::Backfill | Self::Reconcile)
    }

    /// Whether each unit writes a part, from which a ledger is joined.
    pub fn keeps_ledger(self) -> bool {
        !matches!(self, Self::Reconcile)
    }
}
