//! The newest report of a meeting by the deprecated path, as an artifact: a report without an id and times, kept under the
//! day on which it was fetched.

use shared::archive::layout::{ArtifactPlace, legacy_report_id, utc_day};
use shared::jobs::ArchiveJob;
use shared::model::{MeetingAttendanceReport, ReportSource};
use shared::ports::store::ObjectBody;

use super::report::{lines, richness};
use super::{Artifact, Body, Contents};
use crate::ArchiveError;

impl Artifact for ReportSource {
    fn read(&self, job: &ArchiveJob, body: Body<'_>) -> Result<Contents, ArchiveError> {
        let not_a_report = |_| ArchiveError::Mismatch("it is not a report");
        let report = MeetingAttendanceReport::read(body.text).map_err(not_a_report)?;
        if report.record_count() != job.records {
            return Err(ArchiveError::Mismatch("it has another number of records"));
        }
        let participants = report.total_participant_count.map(|count| count.to_string());
        let properties = vec![
            ("report-id", Some(legacy_report_id(self))),
            ("participants", participants),
            ("records", Some(job.records.to_string())),
        ];
        let place = ArtifactPlace::of_legacy_report(&job.tenant_id, self, utc_day(job.fetched_at));
        Ok(Contents { place, properties, lines: lines_of(self, body, &report).map_err(not_a_report)? })
    }

    fn richness(&self, text: &str) -> Vec<i128> {
        richness(text)
    }

    fn lines(&self, _: &ArchiveJob, body: Body<'_>) -> serde_json::Result<ObjectBody> {
        lines_of(self, body, &MeetingAttendanceReport::read(body.text)?)
    }
}

fn lines_of(
    source: &ReportSource,
    body: Body<'_>,
    report: &MeetingAttendanceReport<'_>,
) -> serde_json::Result<ObjectBody> {
    lines(body.bytes, report, (source, Some(&legacy_report_id(source))), true)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use shared::model::ArtifactRef;

    use super::*;
    use crate::artifact::test_job;

    #[test]
    fn a_report_without_an_id_has_lines_with_the_one_that_it_is_kept_under() {
        let source = ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m".into() };
        let body = r#"{"attendanceRecords":[{"role":"Organizer"}],"totalParticipantCount":1}"#;
        let job = ArchiveJob { records: 1, ..test_job(ArtifactRef::LegacyReport(source.clone()), body) };
        let body = Bytes::copy_from_slice(body.as_bytes());
        let Contents { place, lines, .. } = source.read(&job, Body::of(&body).unwrap()).unwrap();
        assert!(place.current().contains("/date=1970-01-01/legacy-"), "{}", place.current());
        assert_eq!(source.lines(&job, Body::of(&body).unwrap()).unwrap(), lines);
        let lines = String::from_utf8(lines.into_bytes().into()).unwrap();
        assert!(lines.starts_with(r#"{"reportId":"legacy-"#), "{lines}");
        assert!(lines.contains(r#""meetingStartDateTime":null"#), "{lines}");
    }
}
