//! An attendance report as raw JSON, and the few things that are read from it.
//!
//! What is archived is what Graph sent: bodies travel as text, and the model below borrows from it only
//! what a decision needs. A report that came in pages is joined from the raw text of its records.

use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::model::{AttendanceRecord, SessionTimes, count_or_none, or_none, parse_time};

/// A view of a report: Graph's `meetingAttendanceReport`, with its records not parsed.
///
/// Every field is nullable but `id`, which only the deprecated call leaves out.
/// <https://learn.microsoft.com/graph/api/resources/meetingattendancereport>
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MeetingAttendanceReport<'a> {
    /// The report's id, opaque; `None` only from the deprecated call.
    pub id: Option<String>,
    /// How many people took part, as Graph counts them. It may differ from the number of records.
    #[serde(deserialize_with = "count_or_none")]
    pub total_participant_count: Option<i64>,
    /// When the session began, as Graph wrote it (UTC, any number of fractional digits).
    #[serde(deserialize_with = "or_none")]
    pub meeting_start_date_time: Option<String>,
    /// When the session ended; null while it goes on.
    #[serde(deserialize_with = "or_none")]
    pub meeting_end_date_time: Option<String>,
    /// The event in other systems, for webinars and town halls; only its organizers can read it.
    #[serde(deserialize_with = "or_none")]
    pub external_event_information: Option<Vec<ExternalEventInformation>>,
    /// The records, each as Graph sent it. `None` where Graph did not expand them.
    #[serde(borrow)]
    pub attendance_records: Option<Vec<&'a RawValue>>,
    /// Graph's link to the next page of records; `None` on the last page.
    #[serde(rename = "attendanceRecords@odata.nextLink")]
    pub records_next_link: Option<String>,
}

/// A webinar or town hall in another system that hosts or lists it.
/// <https://learn.microsoft.com/graph/api/resources/virtualeventexternalinformation>
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalEventInformation {
    /// The id of the application that hosts it; nullable.
    pub application_id: Option<String>,
    /// The event's id in that application; nullable.
    pub external_event_id: Option<String>,
}

impl<'a> MeetingAttendanceReport<'a> {
    /// Reads a report from its JSON object; the records stay raw text.
    ///
    /// # Errors
    /// The text is not JSON, or not a report. Do not show serde's text: it quotes values.
    pub fn read(text: &'a str) -> serde_json::Result<Self> {
        // serde would also read an array as a struct.
        if !text.trim_start().starts_with('{') {
            return Err(serde::de::Error::custom("a report is an object"));
        }
        serde_json::from_str(text)
    }

    /// The same report without its records, so that it no longer borrows the JSON text.
    pub fn without_records(self) -> MeetingAttendanceReport<'static> {
        MeetingAttendanceReport {
            id: self.id,
            total_participant_count: self.total_participant_count,
            meeting_start_date_time: self.meeting_start_date_time,
            meeting_end_date_time: self.meeting_end_date_time,
            external_event_information: self.external_event_information,
            attendance_records: None,
            records_next_link: None,
        }
    }

    /// The records as typed values, for readers of the archive in Rust.
    ///
    /// # Errors
    /// A record is not as Microsoft documents it. Do not show serde's text: it quotes values.
    pub fn read_records(&self) -> serde_json::Result<Vec<AttendanceRecord>> {
        self.attendance_records.iter().flatten().map(|record| serde_json::from_str(record.get())).collect()
    }

    /// Whether the report has this id. ASCII case is ignored, as Graph does.
    pub fn is(&self, report_id: &str) -> bool {
        self.id.as_deref().is_some_and(|id| id.eq_ignore_ascii_case(report_id))
    }

    /// When the session began; `None` where Graph gave no time or no readable one.
    pub fn start(&self) -> Option<Timestamp> {
        self.meeting_start_date_time.as_deref().and_then(parse_time)
    }

    /// When the session ended; `None` while it goes on.
    pub fn end(&self) -> Option<Timestamp> {
        self.meeting_end_date_time.as_deref().and_then(parse_time)
    }

    /// Whether the report's start and end overlap `session`; `false` while it lacks one of them.
    pub fn overlaps(&self, session: SessionTimes) -> bool {
        self.start().is_some_and(|start| start <= session.end)
            && self.end().is_some_and(|end| end >= session.start)
    }

    /// How many records the report holds; 0 where Graph did not expand them.
    pub fn record_count(&self) -> usize {
        self.attendance_records.as_ref().map_or(0, Vec::len)
    }

    /// Whether the report has fewer records than Graph counts participants; `None` where it does not count them.
    pub fn is_short(&self) -> Option<bool> {
        let participants = u64::try_from(self.total_participant_count?).unwrap_or_default();
        Some((self.record_count() as u64) < participants)
    }

    /// How complete the report is, to compare two versions of it: whether it has records at all, then
    /// participants, records, seconds of attendance, end. The greater is the more complete.
    pub fn richness(&self) -> (bool, Option<i64>, usize, i64, Option<Timestamp>) {
        let records = self.attendance_records.iter().flatten();
        let seconds = records.map(|record| attendance_seconds(record)).fold(0, i64::saturating_add);
        (self.record_count() > 0, self.total_participant_count, self.record_count(), seconds, self.end())
    }
}

/// `totalAttendanceInSeconds` of one record; 0 where it is null, absent or not a whole number.
fn attendance_seconds(record: &RawValue) -> i64 {
    #[derive(serde::Deserialize)]
    struct AttendanceRecord {
        #[serde(rename = "totalAttendanceInSeconds")]
        seconds: Option<i64>,
    }
    let record = serde_json::from_str::<AttendanceRecord>(record.get());
    record.ok().and_then(|record| record.seconds).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_records_are_read_for_who_wants_their_members() {
        let body = r#"{"attendanceRecords":[{"role":"Organizer"},{"role":"Attendee"}]}"#;
        let records = MeetingAttendanceReport::read(body).unwrap().read_records().unwrap();
        assert_eq!(records.len(), 2);
        assert!(
            MeetingAttendanceReport::read(r#"{"attendanceRecords":[1]}"#).unwrap().read_records().is_err()
        );
    }

    #[test]
    fn a_report_is_read_whatever_is_null_or_absent() {
        for body in [
            r#"{"id":"r"}"#,
            r#"{"id":"r","attendanceRecords":null,"totalParticipantCount":null}"#,
            r#"{"id":"r","attendanceRecords":[],"meetingEndDateTime":null}"#,
            r#"{"id":"r","attendanceRecords":[{"identity":null,"totalAttendanceInSeconds":null}]}"#,
        ] {
            let report = MeetingAttendanceReport::read(body).unwrap();
            assert_eq!(report.id.as_deref(), Some("r"));
            assert_eq!(report.end(), None);
        }
    }

    #[test]
    fn what_is_no_object_is_no_report() {
        for body in ["[]", r#"["r",1,"2026-01-01T00:00:00Z"]"#, "null", "\"r\"", "", "{"] {
            assert!(MeetingAttendanceReport::read(body).is_err(), "{body}");
        }
    }

    #[test]
    fn records_then_more_participants_records_seconds_and_a_later_end_are_richer_in_that_order() {
        let poorest_first = [
            r#"{"totalParticipantCount":null,"attendanceRecords":[]}"#,
            r#"{"totalParticipantCount":9,"attendanceRecords":[]}"#,
            r#"{"totalParticipantCount":null,"attendanceRecords":[{},{},{}]}"#,
            r#"{"totalParticipantCount":1,"attendanceRecords":[{}]}"#,
            r#"{"totalParticipantCount":2,"attendanceRecords":[{"totalAttendanceInSeconds":9}]}"#,
            r#"{"totalParticipantCount":2,"attendanceRecords":[{"totalAttendanceInSeconds":10}]}"#,
            r#"{"totalParticipantCount":2,"attendanceRecords":[{"totalAttendanceInSeconds":10}],"meetingEndDateTime":"2026-01-01T00:00:00Z"}"#,
        ];
        let reports = poorest_first.map(|body| MeetingAttendanceReport::read(body).unwrap().richness());
        assert!(reports.is_sorted_by(|poorer, richer| poorer < richer));
    }
}
