//! What is archived: raw bytes as Graph sent them, known by their ids.

use serde::{Deserialize, Serialize};

use super::{EventRef, RegistrationsRef, ReportRef, ReportSource, encode_segment};

/// One artifact to archive, by its ids in Graph: `fetch` sends and `archive` stores every kind in the same
/// way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ArtifactRef {
    /// The attendance report of a session, with all its records.
    Report(ReportRef),
    /// The record of a call that was a meeting: it shows that a session took place.
    CallRecord(CallRecordRef),
    /// What Graph says of a meeting, webinar, town hall or session: its title, organizer and plan.
    Event(EventRef),
    /// Who has registered for a webinar or town hall: one registration, or the list of all.
    Registrations(RegistrationsRef),
    /// The newest report of a meeting by the deprecated path, which gives it no id and no times.
    LegacyReport(ReportSource),
}

/// The reference to one call record: its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallRecordRef {
    /// The call record's id, as the notification or the list has it.
    pub id: String,
}

impl CallRecordRef {
    /// The call record's path below the API's root, its id percent-encoded.
    pub fn path(&self) -> String {
        format!("communications/callRecords/{}", encode_segment(&self.id))
    }
}

impl ArtifactRef {
    /// The kind of artifact, in words for log lines.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Report(_) => "report",
            Self::CallRecord(_) => "call record",
            Self::Event(_) => "event",
            Self::Registrations(_) => "registration",
            Self::LegacyReport(_) => "report without an id",
        }
    }

    /// The artifact's own id, as Graph writes it; that of its event or meeting, where it has none.
    pub fn id(&self) -> &str {
        match self {
            Self::Report(report) => &report.report_id,
            Self::CallRecord(call) => &call.id,
            Self::Event(event) => event.id(),
            Self::Registrations(of) => of.registration_id.as_deref().unwrap_or(&of.event_id),
            Self::LegacyReport(source) => source.own_id(),
        }
    }

    /// The path of the artifact below the API's root, each segment percent-encoded.
    pub fn path(&self) -> String {
        match self {
            Self::Report(report) => report.path(),
            Self::CallRecord(call) => call.path(),
            Self::Event(event) => event.path(),
            Self::Registrations(registrations) => registrations.path(),
            Self::LegacyReport(source) => format!("{}/meetingAttendanceReport", source.path()),
        }
    }
}
