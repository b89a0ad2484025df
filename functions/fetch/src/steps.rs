//! The steps: one for each target of a [`FetchJob`].

use serde_json::value::RawValue;
use shared::archived::archived;
use shared::graph::{GraphError, ListedReport};
use shared::jobs::{ArchiveJob, FetchJob, FetchTarget, Job, SessionTimes, fits_message};
use shared::layout;
use shared::metrics::{self, Metric};
use shared::outcome::Outcome;
use shared::queue::OutgoingMessage;
use shared::report::MeetingAttendanceReport;
use shared::report_ref::{ReportRef, ReportSource};
use shared::store::{Condition, NewObject, Written};
use tracing::info;

use crate::{Dependencies, FetchError, encrypted};

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// There is nothing to fetch, for this reason.
    Nothing(&'static str),
    /// One step nearer: the meeting, or its source, is known and looked at next.
    Resolved,
    /// Reports were listed; those that the archive lacks are fetched next. One alone is fetched.
    Listed {
        /// How many Graph has.
        listed: usize,
        /// How many of them the archive lacks.
        wanted: usize,
    },
    /// A report was fetched; it is archived next.
    Fetched,
}

/// Takes one step: the crate's verb.
///
/// # Errors
/// The step did not end; nothing of it is lost when it is taken again.
pub async fn fetch(dependencies: &Dependencies, job: &FetchJob) -> Result<Step, FetchError> {
    match &job.target {
        FetchTarget::CallRecord { id } => call_record(dependencies, job, id).await,
        FetchTarget::EncryptedNotification(notification) => {
            encrypted::open(dependencies, job, notification).await
        }
        FetchTarget::JoinWebUrl { organizer_id, join_web_url } => {
            resolve(dependencies, job, organizer_id, join_web_url).await
        }
        FetchTarget::Source(source) => list(dependencies, job, source).await,
        FetchTarget::Report(report) => get(dependencies, job, report).await,
    }
}

/// From a call that ended to its meeting.
async fn call_record(dependencies: &Dependencies, job: &FetchJob, id: &str) -> Result<Step, FetchError> {
    let call = dependencies.graph.call_record(id).await?;
    let meeting = match call.meeting_of(&dependencies.tenant_id) {
        Ok(meeting) => meeting,
        Err(reason) => return Ok(nothing(reason)),
    };
    let job = FetchJob { session: call.times(), ..job.clone() };
    resolve(dependencies, &job, &meeting.organizer_id, &meeting.meeting).await
}

/// From a meeting's address to its id.
async fn resolve(
    dependencies: &Dependencies,
    job: &FetchJob,
    organizer_id: &str,
    join_web_url: &str,
) -> Result<Step, FetchError> {
    let source = dependencies.graph.online_meeting_by_join_web_url(organizer_id, join_web_url).await?;
    send_next(dependencies, vec![job.next(FetchTarget::Source(source))]).await?;
    info!("{}: the meeting is known; its reports are listed next", job.target.name());
    Ok(Step::Resolved)
}

/// From a source to those of its reports that the archive lacks.
async fn list(
    dependencies: &Dependencies,
    job: &FetchJob,
    source: &ReportSource,
) -> Result<Step, FetchError> {
    let listed = dependencies.graph.attendance_reports(source).await?;
    let mut wanted = Vec::new();
    let belonging = |report: &&MeetingAttendanceReport<'_>| belongs(report, source, job.session);
    for report in listed.iter().map(|report| &report.facts).filter(belonging) {
        let Some(id) = &report.id else { return Err(without_id()) };
        let report_ref = source.report(id);
        let there = archived(&*dependencies.store, &dependencies.tenant_id, &report_ref, report).await?;
        if !there.is_some_and(|there| there.is_unchanged) {
            wanted.push(report_ref);
        }
    }
    let step = Step::Listed { listed: listed.len(), wanted: wanted.len() };
    info!(source.kind = source.kind(), "reports listed: {}, to fetch: {}", listed.len(), wanted.len());
    let next = || wanted.iter().map(|report| job.next(FetchTarget::Report(report.clone()))).collect();
    if let Some(reason) = still_awaited(&listed, job.session) {
        send_next(dependencies, next()).await?;
        return Err(GraphError::new(Outcome::NotReady).because(reason).into());
    }
    // The usual case is one report: it is fetched here, a message less. Should that fail, the list is
    // looked at again.
    if let [report] = wanted.as_slice() {
        get(dependencies, job, report).await?;
    } else {
        send_next(dependencies, next()).await?;
    }
    Ok(step)
}

/// Whether a report can be fetched, and belongs to the meeting. A channel lists the reports of all
/// its meetings: only its time tells whose a report is. Where no time is known, all are taken.
fn belongs(
    report: &MeetingAttendanceReport<'_>,
    source: &ReportSource,
    session: Option<SessionTimes>,
) -> bool {
    let is_in_channel = matches!(source, ReportSource::ChannelMeeting { .. });
    let of_another = is_in_channel && session.is_some_and(|session| !report.overlaps(session));
    report.end().is_some() && !of_another
}

fn without_id() -> FetchError {
    GraphError::new(Outcome::Malformed).because("a listed report has no id").into()
}

/// Why the list is looked at again: the session that ended has no report yet, or a session goes on.
fn still_awaited(listed: &[ListedReport], session: Option<SessionTimes>) -> Option<&'static str> {
    let mut reports = listed.iter().map(|report| &report.facts);
    if session.is_some_and(|session| !reports.clone().any(|report| report.overlaps(session))) {
        Some("the session that ended has no report yet")
    } else if reports.any(|report| report.end().is_none()) {
        Some("one of the sessions has not ended")
    } else {
        None
    }
}

/// One report with all its records.
async fn get(dependencies: &Dependencies, job: &FetchJob, report: &ReportRef) -> Result<Step, FetchError> {
    let fetched = dependencies.graph.attendance_report(report).await?;
    let body = trimmed(fetched.body);
    let (size_bytes, records) = (body.len(), fetched.records);
    let sha256 = layout::sha256_hex(body.as_bytes());
    let inline = if fits_message(&body) {
        let unreadable = |_| GraphError::new(Outcome::Malformed).because("the report cannot be read");
        Some(RawValue::from_string(body).map_err(unreadable)?)
    } else {
        stage(dependencies, sha256.clone(), body).await?;
        None
    };
    let job = ArchiveJob {
        tenant_id: dependencies.tenant_id.clone(),
        report: report.clone(),
        cause: job.cause,
        first_seen: job.first_seen,
        session: job.session,
        fetched_at: dependencies.clock.now(),
        graph_request_id: fetched.request_id,
        api: dependencies.graph.version().name().to_owned(),
        pages: fetched.pages,
        records,
        size_bytes,
        sha256,
        body: inline,
    };
    let message = OutgoingMessage::new(job.to_message());
    dependencies.archive_queue.send(vec![message]).await?;
    metrics::emit_outcome(dependencies.clock.now(), "ok", &[Metric::count("FetchOutcome", 1)]);
    info!(
        report.id = layout::plain_id(&report.report_id),
        size_bytes, "fetched a report (records: {records}, pages: {})", job.pages
    );
    Ok(Step::Fetched)
}

/// A text without the white space around it.
fn trimmed(mut text: String) -> String {
    text.truncate(text.trim_end().len());
    text.drain(..text.len() - text.trim_start().len());
    text
}

/// Keeps a report where `archive` finds it by its hash. Written anew each time: it expires.
async fn stage(dependencies: &Dependencies, sha256: String, body: String) -> Result<(), FetchError> {
    let key = layout::staging(&sha256);
    let metadata = [("sha256".to_owned(), sha256.clone())].into();
    let object = NewObject { body: body.into(), sha256, content_type: "application/json", metadata };
    match dependencies.store.put(&key, object, Condition::Always).await? {
        Written::Stored | Written::Refused => Ok(()),
    }
}

pub(crate) async fn send_next(dependencies: &Dependencies, jobs: Vec<FetchJob>) -> Result<(), FetchError> {
    let messages = jobs.iter().map(|job| OutgoingMessage::new(job.to_message()));
    Ok(dependencies.fetch_queue.send(messages.collect()).await?)
}

pub(crate) fn nothing(reason: &'static str) -> Step {
    info!("nothing to fetch: {reason}");
    Step::Nothing(reason)
}

#[cfg(test)]
mod tests {
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
        assert!(still_awaited(&[], ended).is_some());
        assert!(still_awaited(std::slice::from_ref(&earlier), ended).is_some());
        assert_eq!(still_awaited(&[earlier.clone(), its_own], ended), None);
        assert_eq!(still_awaited(&[earlier], None), None);
    }

    #[test]
    fn a_session_that_goes_on_is_awaited() {
        let going_on = listed("2026-03-01T10:00:00Z", None);
        assert!(still_awaited(&[going_on], None).is_some());
    }
}
