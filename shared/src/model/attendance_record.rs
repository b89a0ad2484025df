//! `attendanceRecord`: one attendee of a session, for readers of the archive in Rust.

use serde::Deserialize;

use super::Identity;

/// One attendee of a session: a view of an archived record, for readers of the archive in Rust.
/// Every field is nullable. <https://learn.microsoft.com/graph/api/resources/attendancerecord>
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceRecord {
    /// The record's id: often the user's object id, so no key across reports.
    pub id: Option<String>,
    /// The attendee's address; null or empty for guests and Azure Communication Services users.
    pub email_address: Option<String>,
    /// How long the attendee was present, all intervals together, in whole seconds.
    pub total_attendance_in_seconds: Option<i64>,
    /// `None`, `Attendee`, `Presenter` or `Organizer`.
    pub role: Option<String>,
    /// Who the attendee is; an anonymous one has no id and no name.
    pub identity: Option<Identity>,
    /// The times during which the attendee was present, one for each time of joining.
    pub attendance_intervals: Option<Vec<AttendanceInterval>>,
    /// The id of the attendee's registration; null for a meeting without registration.
    pub registration_id: Option<String>,
    /// The registration's id under its older name (beta, deprecated).
    pub registrant_id: Option<String>,
    /// The registration in another system; null where the attendee did not register in one.
    pub external_registration_information: Option<ExternalRegistrationInformation>,
    /// Reactions, raised hands, camera and microphone (beta); null in v1.0.
    pub engagements: Option<Vec<MeetingEngagement>>,
}

/// One time during which an attendee was present.
/// <https://learn.microsoft.com/graph/api/resources/attendanceinterval>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceInterval {
    /// When the attendee joined (UTC, up to seven fractional digits). Null where that is not known.
    pub join_date_time: Option<String>,
    /// When the attendee left (UTC, up to seven fractional digits). Null where that is not known.
    pub leave_date_time: Option<String>,
    /// The time between both, in whole seconds, rounded down; 0 where one of them is not known.
    pub duration_in_seconds: Option<i64>,
}

/// A registration for a webinar or town hall in another system.
/// <https://learn.microsoft.com/graph/api/resources/virtualeventexternalregistrationinformation>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalRegistrationInformation {
    /// The system or page that the registration came from; nullable.
    pub referrer: Option<String>,
    /// The registration's id in that system; nullable.
    pub registration_id: Option<String>,
}

/// One action of an attendee during the session (beta).
/// <https://learn.microsoft.com/graph/api/resources/meetingengagement>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingEngagement {
    /// When the attendee did it (UTC, as Graph wrote it); nullable.
    pub date_time: Option<String>,
    /// `reaction`, `hand`, `camera`, `microphone`, or a value that Graph adds later.
    pub engagement_type: Option<String>,
    /// A finer kind within `engagement_type`; nullable.
    pub engagement_sub_type: Option<String>,
}
