//! Whether the archive has a report that Graph lists.

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::archive::layout::ArtifactPlace;
use crate::model::{MeetingAttendanceReport, ReportRef, parse_time};
use crate::ports::store::{ObjectHead, ObjectStore, StoreError};

/// How many objects of an archive are looked at at once: whether they are there, and what their metadata tells.
pub const LOOKS_AT_ONCE: usize = 16;

/// How a report that the archive has compares with the one that Graph lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveStatus {
    /// Whether participants and end are still those of the archived report.
    pub is_unchanged: bool,
    /// How the archived report's records compare with its participants.
    pub counts: Counts,
}

/// How many records an archived report has, compared with its participants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// As many as participants.
    Agree,
    /// Fewer: records may still come.
    Short,
    /// More, or Graph did not count the participants.
    Differ,
}

/// Looks for `report`, which Graph lists as `listed`, in the archive; `None` where the archive lacks it.
///
/// # Errors
/// The archive refuses or does not answer: whether it has the report is unknown.
pub async fn archive_status(
    store: &dyn ObjectStore,
    tenant_id: &str,
    report: &ReportRef,
    listed: &MeetingAttendanceReport<'_>,
) -> Result<Option<ArchiveStatus>, StoreError> {
    let Some(place) = ArtifactPlace::of_report(tenant_id, report, listed) else { return Ok(None) };
    let head = store.head(place.current()).await?;
    Ok(head.map(|head| compare(&head, listed)))
}

/// Looks for reports as [`archive_status`] does for one, some at once. The answers are in the reports' order.
///
/// # Errors
/// Those of the first report in this order of which it is unknown whether the archive has it.
pub async fn archive_statuses(
    store: &dyn ObjectStore,
    tenant_id: &str,
    reports: &[(ReportRef, &MeetingAttendanceReport<'_>)],
) -> Result<Vec<Option<ArchiveStatus>>, StoreError> {
    let looks = reports.iter().map(|(report, listed)| archive_status(store, tenant_id, report, listed));
    // Collected: a closure that is kept across a wait would be too general for its caller's future.
    let looks: Vec<_> = looks.collect();
    stream::iter(looks).buffered(LOOKS_AT_ONCE).try_collect().await
}

fn compare(archived: &ObjectHead, listed: &MeetingAttendanceReport<'_>) -> ArchiveStatus {
    let value = |name: &str| archived.metadata.get(name).map(String::as_str);
    let end = value("meeting-end").and_then(parse_time);
    let participants = listed.total_participant_count.map(|count| count.to_string());
    ArchiveStatus {
        is_unchanged: value("participants") == participants.as_deref() && end == listed.end(),
        counts: counts(value("participants"), value("records")),
    }
}

fn counts(participants: Option<&str>, records: Option<&str>) -> Counts {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<u64>().ok());
    match (number(participants), number(records)) {
        (Some(participants), Some(records)) if records < participants => Counts::Short,
        (Some(participants), Some(records)) if records == participants => Counts::Agree,
        _ => Counts::Differ,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_unchanged_while_participants_and_end_agree() {
        let listed = MeetingAttendanceReport {
            total_participant_count: Some(2),
            meeting_end_date_time: Some("2026-03-01T09:30:00.5Z".into()),
            ..Default::default()
        };
        let archived = |metadata: &[(&str, &str)]| {
            let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let metadata = metadata.iter().map(own).collect();
            compare(&ObjectHead { etag: "e".into(), metadata }, &listed)
        };
        let with = |participants: &str, end: &str| {
            archived(&[("participants", participants), ("meeting-end", end), ("records", "2")])
        };
        assert!(with("2", "2026-03-01T09:30:00.5Z").is_unchanged);
        assert!(with("2", "2026-03-01T09:30:00.5000000+00:00").is_unchanged);
        assert!(!with("3", "2026-03-01T09:30:00.5Z").is_unchanged);
        assert!(!with("2", "2026-03-01T09:31:00Z").is_unchanged);
        assert!(!archived(&[]).is_unchanged);
        assert_eq!(with("2", "2026-03-01T09:30:00.5Z").counts, Counts::Agree);
        assert_eq!(with("3", "2026-03-01T09:30:00.5Z").counts, Counts::Short);
        assert_eq!(with("1", "2026-03-01T09:30:00.5Z").counts, Counts::Differ);
        assert_eq!(archived(&[]).counts, Counts::Differ);
    }
}
