//! What travels to `backfill`: units of work, each of which one invocation can do.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Job, WatchedResource};
use crate::graph::VirtualEventKind;

/// A piece of work for `backfill`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum BackfillUnit {
    /// Rollcall may have been deaf to a resource: what happened in this time must be looked for.
    Gap {
        /// What it may have missed.
        resource: WatchedResource,
        /// From when on.
        since: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// A part of a run.
    Part {
        /// The run.
        run: Run,
        /// The unit's own id: the same unit has the same id, however often it is sent.
        id: String,
        /// What it looks through.
        scope: Scope,
    },
    /// The end of a run: its ledger is joined from the parts that its units wrote.
    Ledger {
        /// The run.
        run: Run,
        /// How far it is.
        walk: LedgerWalk,
    },
}

impl Job for BackfillUnit {}

/// One look at what Graph has, through as many units as it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its id.
    pub id: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Sessions from here on.
    pub since: Timestamp,
    /// Sessions until here.
    pub until: Timestamp,
    /// Whether reports are fetched again that the archive has.
    pub refresh: bool,
    /// When it began.
    pub began: Timestamp,
}

/// What a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Purpose {
    /// A person wants what is missing, and a ledger.
    Backfill,
    /// The schedule, or a gap: what is missing.
    Reconcile,
    /// A person wants to know what a backfill would fetch.
    DryRun,
    /// A ledger.
    Audit,
}

impl Purpose {
    /// Whether what is missing is fetched.
    pub fn fetches(self) -> bool {
        matches!(self, Self::Backfill | Self::Reconcile)
    }

    /// Whether the units write what they found.
    pub fn keeps_ledger(self) -> bool {
        !matches!(self, Self::Reconcile)
    }
}

/// What a unit looks through. A `next_link` is Graph's, to the page that is next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Scope {
    /// Users, each of whom becomes a unit of its own.
    Users {
        /// Those of this group; all of the tenant where there is none.
        group_id: Option<String>,
        /// From this page on.
        next_link: Option<String>,
    },
    /// The meetings in a user's calendar.
    Calendar {
        /// The user's object id.
        organizer_id: String,
        /// From this page on.
        next_link: Option<String>,
    },
    /// Webinars or town halls.
    Events {
        /// Which of the two.
        kind: VirtualEventKind,
        /// Those that this user organizes; all of the tenant where there is none.
        organizer_id: Option<String>,
        /// From this page on.
        next_link: Option<String>,
    },
    /// The meetings that call records tell of.
    CallRecords {
        /// Calls from here on.
        since: Timestamp,
        /// Calls until here.
        until: Timestamp,
        /// Of these organizers; of all where there are none.
        organizer_ids: Vec<String>,
        /// From this page on.
        next_link: Option<String>,
    },
    /// Meetings that were named.
    Meetings {
        /// The meetings.
        meetings: Vec<NamedMeeting>,
    },
    /// A webinar or town hall that was named.
    Event {
        /// Which of the two.
        kind: VirtualEventKind,
        /// Its id.
        event_id: String,
    },
}

/// A meeting that was named.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NamedMeeting {
    /// The object id of the user who organized it.
    pub organizer_id: String,
    /// Its address, which begins with `https://`, or its id.
    pub meeting: String,
}

/// How far the joining of a ledger is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerWalk {
    /// Whether every part is there, so that they can be joined.
    pub is_complete: bool,
    /// The units whose parts are looked at next, the last first.
    pub units: Vec<String>,
    /// What the parts that were joined hold.
    pub totals: LedgerTotals,
    /// How many objects were written already.
    pub objects: u32,
    /// Units that never wrote a part.
    pub silent: Vec<String>,
}

/// What a ledger counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerTotals {
    /// Reports that Graph lists.
    pub reports: u64,
    /// Of those, how many the archive has.
    pub archived: u64,
    /// Of those, how many it lacks.
    pub missing: u64,
    /// Sources that could not be looked at.
    pub unreachable: u64,
    /// Sources that Graph does not know: meetings that were deleted, for instance.
    pub not_found: u64,
    /// Reports at risk.
    pub at_risk: u64,
}
