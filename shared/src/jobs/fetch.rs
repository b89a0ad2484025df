//! The job of `fetch`: one step towards a report.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{EncryptedNotification, Job};
use crate::model::{EventRef, RegistrationsRef, ReportRef, ReportSource, SessionTimes, normalize_join_url};

/// For how long a report is waited for that is not there, counted from its session's end or from when it was first
/// seen, whichever is later.
pub const REPORT_AWAITED_FOR: SignedDuration = SignedDuration::from_hours(48);

/// The most steps towards a report that follow from one another. Lambda's own count of such a chain is switched off
/// (`RecursiveLoop` in the stack's template).
pub const MAX_STEP_HOPS: u32 = 32;

/// One step towards a report, which `fetch` takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FetchJob {
    /// What this step asks Graph for.
    pub target: FetchTarget,
    /// Why Rollcall looks for the report: it stands in the object's metadata.
    pub cause: Cause,
    /// When Rollcall first learned of it (UTC). The 48 hours of waiting count from here or from the session's
    /// end, whichever is later.
    pub first_seen: Timestamp,
    /// Start and end of the session that has ended; `None` where they are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionTimes>,
    /// When a short report is looked at again (UTC), and not before; `None` for what is fetched at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// Whether Graph refused it without a documented reason when the message before this one was tried: how long
    /// it does so counts from this message.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
    /// How many steps there are between this one and the first.
    #[serde(default, skip_serializing_if = "super::is_first")]
    pub hops: u32,
}

impl Job for FetchJob {
    fn kind(&self) -> &'static str {
        self.target.name()
    }

    fn target(&self) -> String {
        self.target.path()
    }

    /// A look waits for its time, and what was put off may be waiting for its report.
    fn due_at(&self, sent_at: Timestamp, was_put_off: bool) -> Timestamp {
        let begins = self.not_before.map_or(sent_at, |not_before| not_before.max(sent_at));
        if was_put_off { begins + REPORT_AWAITED_FOR } else { begins }
    }
}

impl FetchJob {
    /// A step to be taken at once, of whose session nothing is known.
    pub fn new(target: FetchTarget, cause: Cause, first_seen: Timestamp) -> Self {
        Self { target, cause, first_seen, session: None, not_before: None, refused: false, hops: 0 }
    }

    /// The next step: another target, with the same cause, time and session, to be taken at once.
    #[must_use]
    pub fn next(&self, target: FetchTarget) -> Self {
        let hops = self.hops + 1;
        Self { session: self.session, hops, ..Self::new(target, self.cause, self.first_seen) }
    }
}

/// What a [`FetchJob`] asks Graph for, and what it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FetchTarget {
    /// A call that has ended: leads to a source.
    CallRecord {
        /// The call record's id, as the notification has it.
        id: String,
    },
    /// A notification that only the certificate's key decrypts: leads to a meeting's join URL.
    EncryptedNotification(EncryptedNotification),
    /// A meeting's join URL: leads to a source.
    JoinWebUrl {
        /// The object id of the user who organized the meeting.
        organizer_id: String,
        /// The join URL as Graph wrote it.
        join_web_url: String,
    },
    /// All reports of a source: leads to those that the archive lacks.
    Source(ReportSource),
    /// One report: leads to an [`ArchiveJob`](super::ArchiveJob).
    Report(ReportRef),
    /// What Graph says of a meeting, webinar, town hall or session: leads to an [`ArchiveJob`](super::ArchiveJob).
    Event(EventRef),
    /// Who has registered for an event: leads to an [`ArchiveJob`](super::ArchiveJob).
    Registrations(RegistrationsRef),
    /// A meeting's newest report by the deprecated path: leads to an [`ArchiveJob`](super::ArchiveJob).
    LegacyReport(ReportSource),
}

impl FetchTarget {
    /// The target's path below Graph's API; for an encrypted notification its encrypted data.
    fn path(&self) -> String {
        match self {
            Self::CallRecord { id } => format!("communications/callRecords/{id}"),
            Self::EncryptedNotification(notification) => notification.content.data.clone(),
            Self::JoinWebUrl { organizer_id, join_web_url } => {
                format!("users/{organizer_id}/onlineMeetings/{}", normalize_join_url(join_web_url))
            }
            Self::Source(source) => source.path(),
            Self::Report(report) => report.path(),
            Self::Event(event) => event.path(),
            Self::Registrations(registrations) => registrations.path(),
            Self::LegacyReport(source) => format!("{}/meetingAttendanceReport", source.path()),
        }
    }

    /// Whether no report depends on it: where Graph refuses it, no alarm rings.
    pub fn is_beside_the_reports(&self) -> bool {
        matches!(self, Self::Event(_) | Self::Registrations(_) | Self::LegacyReport(_))
    }

    /// The kind of target in words, for log lines.
    pub fn name(&self) -> &'static str {
        match self {
            Self::CallRecord { .. } => "call record",
            Self::EncryptedNotification(_) => "encrypted notification",
            Self::JoinWebUrl { .. } => "join URL",
            Self::Source(_) => "source",
            Self::Report(_) => "report",
            Self::Event(_) => "event",
            Self::Registrations(_) => "registrations",
            Self::LegacyReport(_) => "report without an id",
        }
    }
}

/// Why Rollcall looks for a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cause {
    /// Graph sent a change notification.
    Notification,
    /// A person ran `rollcall pull`.
    Pull,
    /// A person asked for a backfill.
    Backfill,
    /// The schedule, or an unsubscribed window, made a backfill look again.
    Reconcile,
}

impl Cause {
    /// The name in an object's metadata (`cause`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Notification => "notification",
            Self::Pull => "pull",
            Self::Backfill => "backfill",
            Self::Reconcile => "reconcile",
        }
    }
}
