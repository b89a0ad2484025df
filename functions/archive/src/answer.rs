//! One answer of Graph's for a report: its bytes, verified, and what stands beside them.

use bytes::Bytes;
use jiff::Timestamp;
use shared::clock::parse_time;
use shared::jobs::ArchiveJob;
use shared::layout::{ReportPlace, metadata_source, metadata_value, sha256_hex};
use shared::report::MeetingAttendanceReport;
use shared::report_ref::ReportSource;
use shared::store::{Metadata, NewObject};

use crate::ArchiveError;

/// An answer that is to be kept.
pub(crate) struct Answer {
    pub(crate) place: ReportPlace,
    pub(crate) source: ReportSource,
    /// Whether the report is of the meeting that its source names: of a channel's, only time tells.
    pub(crate) meeting_is_known: bool,
    pub(crate) sha256: String,
    pub(crate) body: Bytes,
    pub(crate) metadata: Metadata,
}

/// Which of two answers for one report is current: the richer, then the later. An answer that cannot
/// be read is the poorest.
pub(crate) type Rank = (Option<i64>, usize, i64, Option<Timestamp>, Option<Timestamp>);

impl Answer {
    /// Checks that the bytes are what the job says: whole, unchanged, of this report.
    pub(crate) fn verify(job: &ArchiveJob, body: Bytes) -> Result<Self, ArchiveError> {
        if body.len() != job.size_bytes || sha256_hex(&body) != job.sha256 {
            return Err(ArchiveError::Wrong("its bytes are not those that were fetched"));
        }
        let report = read(&body).ok_or(ArchiveError::Wrong("it is not a report"))?;
        if !report.is(&job.report.report_id) {
            return Err(ArchiveError::Wrong("it has another id"));
        }
        if report.record_count() != job.records {
            return Err(ArchiveError::Wrong("it has another number of records"));
        }
        let place = ReportPlace::of(&job.tenant_id, &job.report, &report);
        Ok(Self {
            place: place.ok_or(ArchiveError::Wrong("it has no date"))?,
            source: job.report.source.clone(),
            meeting_is_known: match job.report.source {
                ReportSource::ChannelMeeting { .. } => {
                    job.session.is_some_and(|session| report.overlaps(session))
                }
                _ => true,
            },
            sha256: job.sha256.clone(),
            metadata: metadata(job, &report),
            body,
        })
    }

    /// The object under `reports/` or `revisions/`.
    pub(crate) fn object(&self) -> NewObject {
        json(self.body.clone(), self.sha256.clone(), self.metadata.clone())
    }
}

/// A JSON object of the archive.
pub(crate) fn json(body: Bytes, sha256: String, metadata: Metadata) -> NewObject {
    NewObject { body, sha256, content_type: "application/json", metadata }
}

/// The rank of an answer, from its bytes and what stands beside them. It reads each record: only where
/// two answers meet is it asked for.
pub(crate) fn rank_of(body: &[u8], metadata: &Metadata) -> Rank {
    let fetched_at = metadata.get("fetched-at").and_then(|time| parse_time(time));
    let Some(report) = read(body) else { return (None, 0, 0, None, None) };
    let (participants, records, seconds, end) = report.richness();
    (participants, records, seconds, end, fetched_at)
}

fn read(body: &[u8]) -> Option<MeetingAttendanceReport<'_>> {
    MeetingAttendanceReport::read(std::str::from_utf8(body).ok()?).ok()
}

/// What stands beside the bytes.
fn metadata(job: &ArchiveJob, report: &MeetingAttendanceReport<'_>) -> Metadata {
    let participants = report.total_participant_count.map(|count| count.to_string());
    let values = [
        ("sha256", Some(job.sha256.clone())),
        ("report-id", Some(job.report.report_id.clone())),
        ("participants", participants),
        ("records", Some(job.records.to_string())),
        ("meeting-start", report.meeting_start_date_time.clone().filter(|_| report.start().is_some())),
        ("meeting-end", report.meeting_end_date_time.clone().filter(|_| report.end().is_some())),
        ("fetched-at", Some(job.fetched_at.to_string())),
        ("graph-request-id", job.graph_request_id.clone()),
        ("api", Some(job.api.clone())),
        ("pages", Some(job.pages.to_string())),
        ("complete", Some("true".to_owned())),
        ("cause", Some(job.cause.name().to_owned())),
    ];
    let present =
        values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), metadata_value(&value?))));
    let source = ("source".to_owned(), metadata_source(&job.report.source));
    present.chain([source]).collect()
}
