//! `attendanceRecord`: one attendee of a session, as who reads the archive from Rust sees it.

use serde::Deserialize;

use super::Identity;

/// One attendee of a session: a view of an archived record, for who reads the archive from Rust.
/// Everything is nullable. <https://learn.microsoft.com/graph/api/resources/attendancerecord>
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceRecord {
    /// The record's id: often the user's object id, so no key across reports.
    pub id: Option<String>,
    /// The attendee's address; null or empty for guests and Azure Communication Services users.
    pub email_address: Option<String>,
    /// How long the attendee was there, all intervals together, in whole seconds.
    pub total_attendance_in_seconds: Option<i64>,
    /// `None`, `Attendee`, `Presenter` or `Organizer`.
    pub role: Option<String>,
    /// Who it is.
    pub identity: Option<Identity>,
    /// When the attendee was there.
    pub attendance_intervals: Option<Vec<AttendanceInterval>>,
    /// The attendee's registration for a webinar or town hall.
    pub registration_id: Option<String>,
    /// The same under its older name (beta, deprecated).
    pub registrant_id: Option<String>,
    /// The registration in another system.
    pub external_registration_information: Option<ExternalRegistrationInformation>,
    /// Reactions, raised hands, camera and microphone (beta).
    pub engagements: Option<Vec<MeetingEngagement>>,
}

/// A time during which an attendee was there.
/// <https://learn.microsoft.com/graph/api/resources/attendanceinterval>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttendanceInterval {
    /// When the attendee joined (UTC, up to seven fractional digits). Null where that is not known.
    pub join_date_time: Option<String>,
    /// When the attendee left. Null where that is not known.
    pub leave_date_time: Option<String>,
    /// The time between, in whole seconds, cut; 0 where one of the two is not known.
    pub duration_in_seconds: Option<i64>,
}

/// A registration in another system.
/// <https://learn.microsoft.com/graph/api/resources/virtualeventexternalregistrationinformation>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalRegistrationInformation {
    /// Where the registration came from.
    pub referrer: Option<String>,
    /// Its id there.
    pub registration_id: Option<String>,
}

/// Something that an attendee did (beta).
/// <https://learn.microsoft.com/graph/api/resources/meetingengagement>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingEngagement {
    /// When.
    pub date_time: Option<String>,
    /// `reaction`, `hand`, `camera`, `microphone`, or one that is to come.
    pub engagement_type: Option<String>,
    /// More precisely what.
    pub engagement_sub_type: Option<String>,
}
