//! The jobs of `backfill`: units of work, each of which one invocation can do.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Job;
use crate::model::{NamedMeeting, SessionTimes, VirtualEventKind, WatchedResource};

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
    },
    /// The end of a run: its ledger is joined from the parts that its units wrote.
    Ledger {
        /// The run whose ledger is joined.
        run: Run,
        /// How far the joining is.
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

/// The id of a unit in its run. The same unit has the same id, however often it is sent.
///
/// It is made of dotted names (`calendar.{organizer}`, and `.{index}` for each unit that follows from it). A
/// further page of a list ends with `-p{number}`; what one invocation left of a unit ends with `-r{hash of it}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnitId(String);

/// So many digits of a hash stand in the id of what is left of a unit.
const REST_HASH_DIGITS: usize = 16;

impl UnitId {
    /// The unit with this name, which reads the first page where it reads a list.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The id as text, for log lines and for the segments of keys.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `index`-th unit that follows from this one.
    #[must_use]
    pub fn child(&self, index: usize) -> Self {
        Self(format!("{self}.{index}"))
    }

    /// The number of the page that the unit reads of its list, counted from 1.
    pub fn page(&self) -> u32 {
        self.numbered("-p").map_or(1, |(_, page)| page)
    }

    /// The unit that reads the next page of the same list.
    #[must_use]
    pub fn next_page(&self) -> Self {
        let name = self.numbered("-p").map_or(self.as_str(), |(name, _)| name);
        Self(format!("{name}-p{}", self.page() + 1))
    }

    /// The unit that reads this unit's list again from its first page; `None` where it was begun again twice.
    pub fn restarted(&self) -> Option<Self> {
        let name = self.numbered("-p").map_or(self.as_str(), |(name, _)| name);
        (!name.ends_with("-again-again")).then(|| Self(format!("{name}-again")))
    }

    /// The unit that goes on with what is left of this one. `hash` is of what is left, in hex: another try
    /// may leave other entries, and these are another unit.
    #[must_use]
    pub fn rest(&self, hash: &str) -> Self {
        let hash = &hash[..hash.len().min(REST_HASH_DIGITS)];
        Self(format!("{}-r{hash}", self.whole()))
    }

    /// The id of the whole unit, of which this one may be the rest.
    pub fn whole(&self) -> &str {
        let is_hash = |hash: &str| {
            hash.len() == REST_HASH_DIGITS && hash.bytes().all(|digit| digit.is_ascii_hexdigit())
        };
        match self.0.rsplit_once("-r") {
            Some((whole, hash)) if is_hash(hash) => whole,
            _ => &self.0,
        }
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
    /// A person asked for a ledger: nothing is fetched.
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

/// What a unit scans. Each `next_link` is Graph's link to the page that the unit reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Scope {
    /// Users, each of whom becomes a unit with a scope of its own.
    Users {
        /// The object id of the group whose users they are; `None` for all users of the tenant.
        group_id: Option<String>,
        /// The page to read; `None` for the first.
        next_link: Option<String>,
    },
    /// The meetings in a user's calendar.
    Calendar {
        /// The user's object id in Entra.
        organizer_id: String,
        /// The page to read; `None` for the first.
        next_link: Option<String>,
    },
    /// The webinars or town halls of the tenant or of one user.
    Events {
        /// Whether they are webinars or town halls.
        kind: VirtualEventKind,
        /// The object id of the user who organizes them; `None` for all of the tenant.
        organizer_id: Option<String>,
        /// The page to read; `None` for the first.
        next_link: Option<String>,
    },
    /// The meetings that call records name.
    CallRecords {
        /// Calls that began at this time (UTC) or later.
        since: Timestamp,
        /// Calls that began before this time (UTC).
        until: Timestamp,
        /// The object ids of the organizers whose meetings count; empty for all.
        organizer_ids: Vec<String>,
        /// The page to read; `None` for the first.
        next_link: Option<String>,
    },
    /// Meetings that a request or another unit named.
    Meetings {
        /// The meetings, each by its organizer and its join URL, join number or id.
        meetings: Vec<NamedMeeting>,
    },
    /// Calls of which a list did not tell the meeting, or its organizer.
    Calls {
        /// The ids of the call records.
        ids: Vec<String>,
        /// The object ids of the organizers whose meetings count; empty for all.
        organizer_ids: Vec<String>,
    },
    /// The sessions of one day, by the call records that the archive has kept.
    Sessions {
        /// Calls that began at this time (UTC) or later: the beginning of the day.
        since: Timestamp,
        /// Calls that began before this time (UTC): the end of the day.
        until: Timestamp,
        /// The object ids of the organizers whose sessions count; empty for all.
        organizer_ids: Vec<String>,
        /// The key after which the unit goes on; `None` from the day's first key on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
    },
    /// Sessions of which the archive showed no report, or whose call record it lacks.
    SessionsWithoutReport {
        /// The sessions, each by its call record.
        sessions: Vec<CallSession>,
        /// The object ids of the organizers whose sessions count; empty for all.
        organizer_ids: Vec<String>,
    },
    /// One webinar or town hall, all its sessions.
    Event {
        /// Whether they are webinars or town halls.
        kind: VirtualEventKind,
        /// The webinar's or town hall's id.
        event_id: String,
        /// `draft`, `published` or `canceled`; `None` where that is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<String>,
    },
}

/// A session that a call record tells of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallSession {
    /// The call record's id, as Graph writes it.
    pub call_record_id: String,
    /// When the call began and ended (UTC).
    pub times: SessionTimes,
    /// The meeting as a list of call records names it; `None` where the record itself tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting: Option<NamedMeeting>,
    /// The path of the meeting among whose archived reports the session's was looked for, in vain; `None` where
    /// it was not looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Scope {
    /// The same scope from its list's first page on; `None` where it is no later page of a list.
    pub fn from_the_first_page(&self) -> Option<Self> {
        let mut first = self.clone();
        let link = match &mut first {
            Self::Users { next_link, .. }
            | Self::Calendar { next_link, .. }
            | Self::Events { next_link, .. }
            | Self::CallRecords { next_link, .. } => next_link,
            Self::Meetings { .. }
            | Self::Calls { .. }
            | Self::Sessions { .. }
            | Self::SessionsWithoutReport { .. }
            | Self::Event { .. } => return None,
        };
        link.take().map(|_| first)
    }
}

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
        let (seven, three) = ("0123456789abcdef0", "fedcba9876543210f");
        assert_eq!(meetings.rest(seven).rest(three).as_str(), "calendar.o-p2.4-rfedcba9876543210");
        assert_eq!(meetings.rest(seven).whole(), meetings.as_str());
        assert_eq!(UnitId::new("calendar.the-rest").whole(), "calendar.the-rest");
    }
}
