//! The attendance report as an artifact: `reports/`, and a line for each attendee in `records/`.

use bytes::Bytes;
use serde::Serialize;
use shared::archive::layout::ArtifactPlace;
use shared::jobs::ArchiveJob;
use shared::model::{MeetingAttendanceReport, ReportRef, ReportSource};
use shared::ports::store::ObjectBody;

use super::lines::lines_of;
use super::{Artifact, Body, Contents, Properties};
use crate::ArchiveError;

impl Artifact for ReportRef {
    fn read(&self, job: &ArchiveJob, body: Body<'_>) -> Result<Contents, ArchiveError> {
        let not_a_report = |_| ArchiveError::Mismatch("it is not a report");
        let report = MeetingAttendanceReport::read(body.text).map_err(not_a_report)?;
        if !report.is(&self.report_id) {
            return Err(ArchiveError::Mismatch("it has another id"));
        }
        if report.record_count() != job.records {
            return Err(ArchiveError::Mismatch("it has another number of records"));
        }
        let place = ArtifactPlace::of_report(&job.tenant_id, self, &report);
        Ok(Contents {
            place: place.ok_or(ArchiveError::Mismatch("it has no date"))?,
            properties: properties(self, job, &report),
            lines: lines_of_report(self, job, body, &report).map_err(not_a_report)?,
        })
    }

    fn richness(&self, text: &str) -> Vec<i128> {
        richness(text)
    }

    fn lines(&self, job: &ArchiveJob, body: Body<'_>) -> serde_json::Result<ObjectBody> {
        lines_of_report(self, job, body, &MeetingAttendanceReport::read(body.text)?)
    }
}

fn lines_of_report(
    report_ref: &ReportRef,
    job: &ArchiveJob,
    body: Body<'_>,
    report: &MeetingAttendanceReport<'_>,
) -> serde_json::Result<ObjectBody> {
    let is_meeting_known = match &report_ref.source {
        ReportSource::ChannelMeeting { .. } => job.session.is_some_and(|session| report.overlaps(session)),
        _ => true,
    };
    lines(body.bytes, report, (&report_ref.source, report.id.as_deref()), is_meeting_known)
}

/// How rich a report is: by its records, participants, seconds and end.
pub(super) fn richness(text: &str) -> Vec<i128> {
    let Ok(report) = MeetingAttendanceReport::read(text) else { return Vec::new() };
    let (has_records, participants, records, seconds, end) = report.richness();
    let unknown = i128::MIN;
    vec![
        has_records.into(),
        participants.map_or(unknown, i128::from),
        records as i128,
        seconds.into(),
        end.map_or(unknown, |end| end.as_nanosecond()),
    ]
}

fn properties(report_ref: &ReportRef, job: &ArchiveJob, report: &MeetingAttendanceReport<'_>) -> Properties {
    let participants = report.total_participant_count.map(|count| count.to_string());
    let start = report.meeting_start_date_time.clone().filter(|_| report.start().is_some());
    let end = report.meeting_end_date_time.clone().filter(|_| report.end().is_some());
    vec![
        ("report-id", Some(report_ref.report_id.clone())),
        ("participants", participants),
        ("records", Some(job.records.to_string())),
        ("meeting-start", start),
        ("meeting-end", end),
        ("complete", report.is_short().map(|is_short| (!is_short).to_string())),
    ]
}

/// What each line begins with: where and when.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    report_id: Option<&'a str>,
    kind: &'static str,
    source: &'a str,
    organizer_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meeting_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    meeting_start_date_time: Option<&'a str>,
    meeting_end_date_time: Option<&'a str>,
}

/// The lines of a report, which the archive knows by `report_id`. Of a channel's report it may not be known which meeting
/// it is of.
pub(super) fn lines(
    body: &Bytes,
    report: &MeetingAttendanceReport<'_>,
    (source, report_id): (&ReportSource, Option<&str>),
    is_meeting_known: bool,
) -> serde_json::Result<ObjectBody> {
    let path = source.path();
    let (organizer_id, meeting_id, event_id, session_id) = match source {
        ReportSource::Meeting { organizer_id, meeting_id }
        | ReportSource::ChannelMeeting { organizer_id, meeting_id } => {
            (Some(organizer_id), Some(meeting_id).filter(|_| is_meeting_known), None, None)
        }
        ReportSource::Webinar { webinar_id: event, session_id }
        | ReportSource::Townhall { townhall_id: event, session_id } => {
            (None, None, Some(event), Some(session_id))
        }
    };
    let head = serde_json::to_string(&Head {
        report_id,
        kind: source.kind(),
        source: &path,
        organizer_id: organizer_id.map(String::as_str),
        meeting_id: meeting_id.map(String::as_str),
        event_id: event_id.map(String::as_str),
        session_id: session_id.map(String::as_str),
        meeting_start_date_time: report.meeting_start_date_time.as_deref(),
        meeting_end_date_time: report.meeting_end_date_time.as_deref(),
    })?;
    let records = report.attendance_records.as_deref().unwrap_or_default();
    Ok(lines_of(&head, "attendanceRecord", body, records))
}

#[cfg(test)]
mod tests {
    use shared::model::{ArtifactRef, SessionTimes};

    use super::*;
    use crate::artifact::test_job;

    const REPORT: &str = r#"{
  "id": "r-1",
  "meetingStartDateTime": "2026-03-01T09:00:00.1234567Z",
  "meetingEndDateTime": "2026-03-01T09:30:00Z",
  "attendanceRecords": [
    {
      "emailAddress": null,
      "unheardOf": 12345678901234567890123,
      "identity": null
    },
    {"id":"a\nb"}
  ]
}"#;

    fn lines_of(report: &str, source: ReportSource, session: Option<SessionTimes>) -> String {
        let artifact = source.report("r-1");
        let job = ArchiveJob { session, ..test_job(ArtifactRef::Report(artifact.clone()), report) };
        let report = Bytes::copy_from_slice(report.as_bytes());
        let lines = artifact.lines(&job, Body::of(&report).unwrap()).unwrap();
        String::from_utf8(lines.into_bytes().into()).unwrap()
    }

    #[test]
    fn a_meetings_lines_hold_each_record_as_sent() {
        let source = ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m=".into() };
        insta::assert_snapshot!(lines_of(REPORT, source, None));
    }

    #[test]
    fn a_webinars_lines_name_event_and_session() {
        let source = ReportSource::Webinar { webinar_id: "w@t".into(), session_id: "s".into() };
        let lines = lines_of(REPORT, source, None);
        assert!(
            lines.contains(r#""organizerId":null,"eventId":"w@t","sessionId":"s","meetingStart"#),
            "{lines}"
        );
    }

    #[test]
    fn a_channels_report_of_an_unknown_meeting_names_none() {
        let source = ReportSource::ChannelMeeting { organizer_id: "o".into(), meeting_id: "m".into() };
        assert!(!lines_of(REPORT, source.clone(), None).contains("meetingId"));
        let (start, end) = ("2026-03-01T09:00:00Z".parse().unwrap(), "2026-03-01T09:30:00Z".parse().unwrap());
        let session = Some(SessionTimes { start, end });
        assert!(lines_of(REPORT, source, session).contains(r#""meetingId":"m""#));
    }

    #[test]
    fn a_report_without_records_has_no_lines() {
        let source = ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m".into() };
        for report in
            [r#"{"id":"r"}"#, r#"{"id":"r","attendanceRecords":null}"#, r#"{"attendanceRecords":[]}"#]
        {
            assert_eq!(lines_of(report, source.clone(), None), "");
        }
    }
}
