//! What a list of reports leads to: which of them the archive lacks, and whether another is awaited.

use shared::archive::{Counts, archive_statuses};
use shared::graph::ListedReport;
use shared::jobs::{Cause, FetchJob};
use shared::model::{MeetingAttendanceReport, ReportRef, ReportSource, SessionTimes};

use crate::reading::Attempt;
use crate::{Dependencies, FetchError};

/// With so many of the 50 reports that Graph lists, the oldest may soon be listed no longer.
const MANY_LISTED: usize = 40;

/// The listed reports of the source that the archive lacks, or has in another state, in their order; and the short one of
/// the session where this is not the first try: the one before may have sent it, and not its look.
pub(crate) async fn missing_from_archive(
    dependencies: &Dependencies,
    job: &FetchJob,
    (source, listed): (&ReportSource, &[ListedReport]),
    attempt: &Attempt,
) -> Result<Vec<ReportRef>, FetchError> {
    let looked_at = looked_at(job, listed).into_iter().filter(|report| belongs(report, source, job.session));
    let reports: Vec<_> =
        looked_at.map(|report| (source.report(report.id.as_deref().unwrap_or_default()), report)).collect();
    let statuses = archive_statuses(&*dependencies.store, &dependencies.tenant_id, &reports).await?;
    let may_lack_its_look = |report: &MeetingAttendanceReport<'_>| {
        attempt.is_repeated() && job.session.is_some_and(|session| report.overlaps(session))
    };
    let reports = reports.into_iter().zip(statuses);
    let missing = reports.filter(|((_, report), status)| match status {
        Some(status) if status.counts == Counts::Short && may_lack_its_look(report) => true,
        Some(status) => !status.is_unchanged,
        None => true,
    });
    Ok(missing.map(|((report, _), _)| report).collect())
}

/// The listed reports that are looked for in the archive: for a notification those of its session, and those that tell no
/// times. All of them where none is of its session, because its times may be odd, where Graph forgets one for each that
/// comes, and where somebody asked for them.
fn looked_at<'a>(job: &FetchJob, listed: &'a [ListedReport]) -> Vec<&'a MeetingAttendanceReport<'static>> {
    let all = listed.iter().map(|report| &report.facts);
    let session = job.session.filter(|_| job.cause == Cause::Notification && listed.len() < MANY_LISTED);
    match session {
        Some(session) if all.clone().any(|report| report.overlaps(session)) => {
            let is_timeless = |report: &MeetingAttendanceReport<'_>| report.start().is_none();
            all.filter(|report| report.overlaps(session) || is_timeless(report)).collect()
        }
        _ => all.collect(),
    }
}

/// Whether a report can be fetched, and belongs to the meeting. A channel lists the reports of all
/// its meetings: only its time shows whose a report is. Where no time is known, all are taken.
fn belongs(
    report: &MeetingAttendanceReport<'_>,
    source: &ReportSource,
    session: Option<SessionTimes>,
) -> bool {
    let is_in_channel = matches!(source, ReportSource::ChannelMeeting { .. });
    let of_another = is_in_channel && session.is_some_and(|session| !report.overlaps(session));
    report.end().is_some() && !of_another
}

/// Why the source must be listed again: the session that ended has no report yet, or a session goes on.
pub(crate) fn awaited(listed: &[ListedReport], session: Option<SessionTimes>) -> Option<&'static str> {
    let mut reports = listed.iter().map(|report| &report.facts);
    if session.is_some_and(|session| !reports.clone().any(|report| report.overlaps(session))) {
        Some("the session that ended has no report yet")
    } else if reports.any(|report| report.end().is_none()) {
        Some("one of the sessions has not ended")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use shared::jobs::FetchTarget;

    use super::*;

    fn listed(start: &str, end: Option<&str>) -> ListedReport {
        let facts = MeetingAttendanceReport {
            id: Some("r".into()),
            total_participant_count: Some(2),
            meeting_start_date_time: Some(start.into()),
            meeting_end_date_time: end.map(Into::into),
            ..Default::default()
        };
        ListedReport { text: serde_json::from_str("{}").unwrap(), facts }
    }

    fn session(start: &str, end: &str) -> Option<SessionTimes> {
        Some(SessionTimes { start: start.parse().unwrap(), end: end.parse().unwrap() })
    }

    #[test]
    fn the_ended_session_is_awaited_until_a_report_overlaps_it() {
        let earlier = listed("2026-03-01T09:00:00Z", Some("2026-03-01T09:30:00Z"));
        let its_own = listed("2026-03-01T10:00:03.5Z", Some("2026-03-01T10:29:58Z"));
        let ended = session("2026-03-01T10:00:00Z", "2026-03-01T10:30:00Z");
        assert!(awaited(&[], ended).is_some());
        assert!(awaited(std::slice::from_ref(&earlier), ended).is_some());
        assert_eq!(awaited(&[earlier.clone(), its_own], ended), None);
        assert_eq!(awaited(&[earlier], None), None);
    }

    #[test]
    fn for_a_notification_only_the_reports_of_its_session_are_looked_at() {
        let earlier = listed("2026-03-01T09:00:00Z", Some("2026-03-01T09:30:00Z"));
        let its_own = listed("2026-03-01T10:00:03.5Z", Some("2026-03-01T10:29:58Z"));
        let timeless = listed("at ten", Some("2026-03-01T11:30:00Z"));
        let job = |cause| {
            let source = ReportSource::Meeting { organizer_id: "o".into(), meeting_id: "m".into() };
            let target = FetchTarget::Source(source);
            let session = session("2026-03-01T10:00:00Z", "2026-03-01T10:30:00Z");
            FetchJob { session, ..FetchJob::new(target, cause, "2026-03-01T10:31:00Z".parse().unwrap()) }
        };
        let starts = |cause, listed: &[ListedReport]| -> Vec<String> {
            let starts =
                looked_at(&job(cause), listed).into_iter().map(|report| &report.meeting_start_date_time);
            starts.flatten().map(|start| start.chars().take(13).collect()).collect()
        };
        let list = [earlier.clone(), its_own, timeless.clone()];
        assert_eq!(starts(Cause::Notification, &list), ["2026-03-01T10", "at ten"]);
        assert_eq!(starts(Cause::Reconcile, &list).len(), 3);
        assert_eq!(
            starts(Cause::Notification, &[earlier.clone(), timeless]).len(),
            2,
            "none is of the session"
        );
        let mut many = vec![earlier; MANY_LISTED - 1];
        many.push(list[1].clone());
        assert_eq!(starts(Cause::Notification, &many).len(), MANY_LISTED);
        assert_eq!(starts(Cause::Notification, &many[1..]).len(), 1);
    }

    #[test]
    fn a_session_that_goes_on_is_awaited() {
        let going_on = listed("2026-03-01T10:00:00Z", None);
        assert!(awaited(&[going_on], None).is_some());
    }
}
