//! The newest report of a meeting by the deprecated path, as an artifact: a report without an id and times, kept under the
//! day on which it was fetched.

use bytes::Bytes;
use shared::archive::layout::{ArtifactPlace, legacy_report_id, utc_day};
use shared::jobs::ArchiveJob;
use shared::model::{MeetingAttendanceReport, ReportSource};
use shared::ports::store::ObjectBody;

use super::report::{lines, richness};
use super::{Artifact, Properties};
use crate::ArchiveError;

impl Artifact for ReportSource {
    fn verify(&self, job: &ArchiveJob, text: &str) -> Result<(ArtifactPlace, Properties), ArchiveError> {
        let not_a_report = |_| ArchiveError::Mismatch("it is not a report");
        let report = MeetingAttendanceReport::read(text).map_err(not_a_report)?;
        if report.record_count() != job.records {
            return Err(ArchiveError::Mismatch("it has another number of records"));
        }
        let participants = report.total_participant_count.map(|count| count.to_string());
        let properties = vec![
            ("report-id", Some(legacy_report_id(self))),
            ("participants", participants),
            ("records", Some(job.records.to_string())),
        ];
        Ok((ArtifactPlace::of_legacy_report(&job.tenant_id, self, utc_day(job.fetched_at)), properties))
    }

    fn richness(&self, text: &str) -> Vec<i128> {
        richness(text)
    }

    fn lines(&self, _: &ArchiveJob, body: &Bytes) -> serde_json::Result<ObjectBody> {
        let text = std::str::from_utf8(body).map_err(serde::de::Error::custom)?;
        let report = MeetingAttendanceReport::read(text)?;
        lines(body, &report, (self, Some(&legacy_report_id(self))), true)
    }
}

#[cfg(test)]
mod tests {
    use shared::model::ArtifactRef;

    use super::*;
    use crate::artifact::test_job;

    #[test]
    fn a_report_without_an_id_has_lines_with_the_one_that_it_is_kept_under() {
        let source = ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m".into() };
        let body = r#"{"attendanceRecords":[{"role":"Organizer"}],"totalParticipantCount":1}"#;
        let job = ArchiveJob { records: 1, ..test_job(ArtifactRef::LegacyReport(source.clone()), body) };
        let (place, _) = source.verify(&job, body).unwrap();
        assert!(place.current().contains("/date=1970-01-01/legacy-"), "{}", place.current());
        let lines = source.lines(&job, &Bytes::copy_from_slice(body.as_bytes())).unwrap();
        let lines = String::from_utf8(lines.into_bytes().into()).unwrap();
        assert!(lines.starts_with(r#"{"reportId":"legacy-"#), "{lines}");
        assert!(lines.contains(r#""meetingStartDateTime":null"#), "{lines}");
    }
}
