//! What travels to `backfill`: units of work, each of which one invocation can do.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Job;
use crate::model::{NamedMeeting, VirtualEventKind, WatchedResource};

/// A piece of work for `backfill`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum BackfillUnit {
    /// A resource may have been without a subscription: what happened in this time must be looked for.
    Gap {
        /// What was not notified of.
        resource: WatchedResource,
        /// The beginning of the unsubscribed window.
        since: Timestamp,
        /// The end of the unsubscribed window.
        until: Timestamp,
    },
    /// One unit of a run: it scans its scope.
    #[serde(rename = "part")]
    Scan {
        /// The run that the unit is of.
        run: Run,
        /// The unit's id in its run.
        id: UnitId,
        /// What the unit looks through.
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

impl Job for BackfillUnit {
    fn kind(&self) -> &'static str {
        match self {
            Self::Gap { .. } => "unsubscribed window",
            Self::Scan { .. } => "unit of a run",
            Self::Ledger { .. } => "ledger of a run",
        }
    }

    fn target(&self) -> String {
        match self {
            Self::Gap { resource, .. } => resource.path(),
            Self::Scan { run, id, .. } => format!("{}/{id}", run.id),
            Self::Ledger { run, .. } => run.id.clone(),
        }
    }

    fn run_and_unit(&self) -> Option<(&str, &str)> {
        match self {
            Self::Gap { .. } => None,
            Self::Scan { run, id, .. } => Some((&run.id, id.as_str())),
            Self::Ledger { run, .. } => Some((&run.id, "ledger")),
        }
    }
}

/// A unit's id in its run. The same unit has the same id, however often it is sent.
///
/// It is made of dotted names (`calendar.{organizer}`, and `.{index}` for each unit that follows from it). A
/// further page of a list ends with `-p{number}`; what one invocation left of a unit ends with `-r{how much}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitId(String);

impl UnitId {
    /// The unit of this name: of the first page, where it walks a list.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The id as it stands in keys and log lines.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `index`-th unit that follows from this one.
    #[must_use]
    pub fn child(&self, index: usize) -> Self {
        Self(format!("{self}.{index}"))
    }

    /// Which page of its list the unit gets, counted from 1.
    pub fn page(&self) -> u32 {
        self.numbered("-p").map_or(1, |(_, page)| page)
    }

    /// The unit of the next page.
    #[must_use]
    pub fn next_page(&self) -> Self {
        let name = self.numbered("-p").map_or(self.as_str(), |(name, _)| name);
        Self(format!("{name}-p{}", self.page() + 1))
    }

    /// The unit that goes on with what is left of this one: `left` things.
    #[must_use]
    pub fn rest(&self, left: usize) -> Self {
        Self(format!("{}-r{left}", self.whole()))
    }

    /// The id of the whole unit, of which this may be the rest.
    pub fn whole(&self) -> &str {
        self.numbered("-r").map_or(self.as_str(), |(whole, _)| whole)
    }

    fn numbered(&self, mark: &str) -> Option<(&str, u32)> {
        let (name, number) = self.0.rsplit_once(mark)?;
        Some((name, number.parse().ok()?))
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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

/// How far the walk over a run's parts is, which joins them into the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerWalk {
    /// Whether the walk has come by every part once, and comes by them again to join them.
    #[serde(rename = "isComplete")]
    pub joins_parts: bool,
    /// The units whose parts come next, the last one first.
    pub units: Vec<UnitId>,
    /// What the parts that were joined count together.
    pub totals: LedgerTotals,
    /// How many objects of the ledger were written already.
    pub objects: u32,
    /// The units that never wrote a part.
    pub silent: Vec<UnitId>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_units_id_says_its_page_and_its_rest() {
        let first = UnitId::new("calendar.o");
        assert_eq!((first.page(), first.next_page().as_str()), (1, "calendar.o-p2"));
        assert_eq!(first.next_page().next_page().as_str(), "calendar.o-p3");
        let meetings = first.next_page().child(4);
        assert_eq!((meetings.as_str(), meetings.page()), ("calendar.o-p2.4", 1));
        assert_eq!(meetings.rest(7).rest(3).as_str(), "calendar.o-p2.4-r3");
        assert_eq!(meetings.rest(7).whole(), meetings.as_str());
    }
}
