//! What a unit scans.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{NamedMeeting, SessionTimes, VirtualEventKind};

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
    /// The calendars of some users, each of which becomes a unit.
    Calendars {
        /// The users' object ids in Entra.
        organizer_ids: Vec<String>,
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
    /// The archived reports of one day: where the archive lacks what Graph says of their sources, it is asked for.
    ArchivedReports {
        /// Whether they are of webinars or town halls; `None` for those of meetings.
        kind: Option<VirtualEventKind>,
        /// The beginning of the day (UTC) on which the sessions began.
        since: Timestamp,
        /// The object ids of the organizers whose meetings count; empty for all, and for webinars and town halls.
        organizer_ids: Vec<String>,
        /// The key after which the unit goes on; `None` from the day's first key on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
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
            Self::Calendars { .. }
            | Self::Meetings { .. }
            | Self::Calls { .. }
            | Self::Sessions { .. }
            | Self::ArchivedReports { .. }
            | Self::SessionsWithoutReport { .. }
            | Self::Event { .. } => return None,
        };
        link.take().map(|_| first)
    }
}
