//! The steps: one for each target of a [`FetchJob`].

use shared::archive::layout::ArtifactPlace;
use shared::digest::sha256_hex;
use shared::graph::{CallRecord, CallSource, FetchedArtifact, FoundMeeting, GraphError, List};
use shared::jobs::{Cause, EncryptedNotification, FetchJob, FetchTarget, Job, MAX_STEP_HOPS};
use shared::model::{
    ArtifactRef, MeetingAttendanceReport, NamedMeeting, Outcome, ReportRef, ReportSource, WatchedMeeting,
};
use shared::ports::queue::OutgoingMessage;
use shared::ports::store::ObjectHead;
use tracing::info;

use crate::artifacts::send_artifact;
use crate::beside_reports::{keep_event, keep_legacy_report, keep_meeting, keep_registrations};
use crate::call_record::keep_call_record;
use crate::encrypted_notification::{Decrypted, decrypt};
use crate::listed::{awaited, missing_from_archive};
use crate::looks::next_look;
use crate::reading::{Attempt, read_report};
use crate::step::{Step, nothing, passed_over, takes_event};
use crate::{Dependencies, FetchError, UnresolvedCall};

/// Takes the step that `job` asks for, and sends the jobs that follow from it.
///
/// # Errors
/// The step did not end; nothing of it is lost when it is taken again.
pub async fn fetch(
    dependencies: &Dependencies,
    job: &FetchJob,
    attempt: &Attempt,
) -> Result<Step, FetchError> {
    if job.hops > MAX_STEP_HOPS {
        return Err(GraphError::new(Outcome::TooManyHops).into());
    }
    dependencies.memory.share().scope(step(dependencies, job, attempt)).await
}

async fn step(dependencies: &Dependencies, job: &FetchJob, attempt: &Attempt) -> Result<Step, FetchError> {
    match &job.target {
        FetchTarget::CallRecord { id } => call_record(dependencies, job, id).await,
        FetchTarget::EncryptedNotification(notification) => encrypted(dependencies, job, notification).await,
        FetchTarget::JoinWebUrl { organizer_id, join_web_url } => {
            resolve(dependencies, job, organizer_id, join_web_url).await
        }
        FetchTarget::Source(source) => list(dependencies, job, source, attempt).await,
        FetchTarget::Report(report) if job.cause == Cause::Notification => {
            notified(dependencies, job, report, attempt).await
        }
        FetchTarget::Report(report) => get(dependencies, job, report, attempt).await,
        FetchTarget::Event(event) => keep_event(dependencies, job, event).await,
        FetchTarget::Registrations(of) => keep_registrations(dependencies, job, of).await,
        FetchTarget::LegacyReport(source) => keep_legacy_report(dependencies, job, source).await,
    }
}

/// From a call that ended to its meeting.
async fn call_record(dependencies: &Dependencies, job: &FetchJob, id: &str) -> Result<Step, FetchError> {
    let Dependencies { graph, tenant_id, watch_filter, .. } = dependencies;
    let (call, record) = graph.call_record_as_sent(id).await?;
    let job = FetchJob { session: call.times(), ..job.clone() };
    // A run has decided whose calls it asks for: its request may name organizers that WATCH leaves out.
    let is_notified = job.cause == Cause::Notification;
    let found = match call.source(tenant_id) {
        CallSource::NoMeeting(reason) => return Ok(nothing(reason)),
        CallSource::NotSaid => {
            let reason = "the call record does not say yet what the call was";
            return Err(GraphError::new(Outcome::NotReady).because(reason).into());
        }
        CallSource::Meeting(NamedMeeting { organizer_id, meeting }) => {
            if is_notified && !watch_filter.takes(graph, &organizer_id, Some(&meeting)).await? {
                return Ok(passed_over(dependencies));
            }
            graph.find_meeting(&organizer_id, &meeting).await
        }
        CallSource::OrganizerUnknown { join_web_url } => {
            let participants = match graph.call_record_participants(id, tenant_id).await {
                Ok(participants) => participants,
                Err(error) => return with_meeting(dependencies, job, (call, record), Err(error)).await,
            };
            let organizers = match is_notified {
                true => watch_filter.organizers_among(graph, participants).await?,
                false => participants,
            };
            if is_notified && organizers.is_empty() && !watch_filter.takes_all() {
                return Ok(passed_over(dependencies));
            }
            graph.find_meeting_of_participants(&organizers, &join_web_url).await
        }
    };
    with_meeting(dependencies, job, (call, record), found).await
}

/// Keeps the record of a call that was a meeting, and goes on with the meeting.
async fn with_meeting(
    dependencies: &Dependencies,
    job: FetchJob,
    (call, record): (CallRecord, FetchedArtifact),
    found: Result<FoundMeeting, GraphError>,
) -> Result<Step, FetchError> {
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            let call = UnresolvedCall { error, job, id: call.id, record };
            return Err(FetchError::Unresolved(Box::new(call)));
        }
    };
    let record = keep_call_record(dependencies, &job, (call.id, record), Ok(found.source()));
    // Neither waits for the other. What follows from the meeting is sent when its record is: a step that is taken again
    // would send it once more.
    let ((), kept) = tokio::join!(keep_meeting(dependencies, &job, &found), record);
    kept?;
    match job.cause {
        Cause::Notification | Cause::Pull => go_on_with(dependencies, &job, &found).await,
        Cause::Backfill | Cause::Reconcile => {
            info!("the call record is kept; the run that asked for it looks at the meeting by itself");
            Ok(Step::Fetched)
        }
    }
}

/// From a meeting's address to its id.
async fn resolve(
    dependencies: &Dependencies,
    job: &FetchJob,
    organizer_id: &str,
    join_web_url: &str,
) -> Result<Step, FetchError> {
    let found = dependencies.graph.find_meeting(organizer_id, join_web_url).await?;
    // That the meeting is not kept stops nothing; the step waits a little for it (`event_requests.rs`).
    let next = go_on_with(dependencies, job, &found);
    let ((), next) = tokio::join!(keep_meeting(dependencies, job, &found), next);
    next
}

/// From a meeting that was found to its list of reports.
async fn go_on_with(
    dependencies: &Dependencies,
    job: &FetchJob,
    found: &FoundMeeting,
) -> Result<Step, FetchError> {
    let source = found.source().clone();
    send_steps(dependencies, vec![job.next(FetchTarget::Source(source))]).await?;
    info!("{}: the meeting is known; its reports are listed next", job.target.name());
    Ok(Step::Resolved)
}

/// From an encrypted notification to the meeting whose call has ended.
async fn encrypted(
    dependencies: &Dependencies,
    job: &FetchJob,
    notification: &EncryptedNotification,
) -> Result<Step, FetchError> {
    let no_certificate =
        || GraphError::new(Outcome::NotDecryptable).because("NOTIFICATION_KEY_SECRET_ID is not set");
    let keys = dependencies.encrypted.as_ref().ok_or_else(no_certificate)?;
    let (meeting, session) = match decrypt(keys, notification, job.first_seen).await? {
        Decrypted::CallEnded { meeting, session } => (meeting, session),
        Decrypted::Nothing(reason) => return Ok(nothing(reason)),
    };
    let WatchedMeeting { organizer, join_web_url } = meeting;
    let target = FetchTarget::JoinWebUrl { organizer_id: organizer, join_web_url };
    send_steps(dependencies, vec![FetchJob { session: Some(session), ..job.next(target) }]).await?;
    info!("a watched meeting's call has ended; the meeting is looked up next");
    Ok(Step::Resolved)
}

/// From a source to those of its reports that the archive lacks. They are fetched also while another report
/// is still awaited: then the source is listed again later.
async fn list(
    dependencies: &Dependencies,
    job: &FetchJob,
    source: &ReportSource,
    attempt: &Attempt,
) -> Result<Step, FetchError> {
    let List { entries: listed, odd, unread, .. } = dependencies.graph.attendance_reports(source).await?;
    let missing = missing_from_archive(dependencies, job, (source, &listed), attempt).await?;
    let step = Step::Listed { listed: listed.len(), wanted: missing.len() };
    info!(source.kind = source.kind(), "reports listed: {}, to fetch: {}", listed.len(), missing.len());
    let unread = unread.or(odd);
    match (awaited(&listed, job.session), missing.as_slice()) {
        // What could be read is fetched all the same.
        (_, missing) if unread.is_some() => {
            send_reports(dependencies, job, missing).await?;
            unread.map_or(Ok(step), |error| Err(error.into()))
        }
        // The usual case is one report: it is fetched here, a message less. Should that fail, the source is
        // listed again.
        (None, [report]) => get(dependencies, job, report, attempt).await.map(|_| step),
        (awaited, missing) => {
            send_reports(dependencies, job, missing).await?;
            let not_ready = |reason| GraphError::new(Outcome::NotReady).because(reason).into();
            awaited.map_or(Ok(step), |reason| Err(not_ready(reason)))
        }
    }
}

/// A report of which Graph notified, if its organizer counts.
async fn notified(
    dependencies: &Dependencies,
    job: &FetchJob,
    report: &ReportRef,
    attempt: &Attempt,
) -> Result<Step, FetchError> {
    if let Some((kind, event_id)) = report.source.virtual_event()
        && !takes_event(dependencies, kind, event_id).await?
    {
        return Ok(passed_over(dependencies));
    }
    get(dependencies, job, report, attempt).await
}

/// One report with all its records.
async fn get(
    dependencies: &Dependencies,
    job: &FetchJob,
    report: &ReportRef,
    attempt: &Attempt,
) -> Result<Step, FetchError> {
    let fetched = read_report(dependencies, report, attempt).await?;
    let facts = MeetingAttendanceReport::read(&fetched.body).unwrap_or_default();
    let is_short = facts.is_short() == Some(true);
    let head = match is_short || job.not_before.is_some() {
        true => archived_head(dependencies, report, &facts).await?,
        false => None,
    };
    let archived = |name: &str| head.as_ref().and_then(|head| head.metadata.get(name));
    let is_archived_short = archived("complete").is_some_and(|complete| complete == "false");
    let end = facts.end().filter(|_| is_short && begins_look(job, attempt, is_archived_short));
    let look = end.and_then(|end| next_look(end, dependencies.clock.now()));
    let is_known =
        archived("sha256").is_some_and(|sha256| *sha256 == sha256_hex(fetched.body.trim().as_bytes()));
    let report_and_look = async {
        if is_known {
            info!("the report has not changed since the last look");
        } else {
            send_artifact(dependencies, job, ArtifactRef::Report(report.clone()), fetched, None).await?;
        }
        let Some(time) = look else { return Ok(()) };
        let target = FetchTarget::Report(report.clone());
        send_steps(dependencies, vec![FetchJob { not_before: Some(time), ..job.next(target) }]).await
    };
    // The look follows the report: where that could not be sent, the step is taken again, and would send another look. What
    // is asked about the event is asked meanwhile.
    let (sent, ()) = tokio::join!(report_and_look, ask_for_events(dependencies, job, &report.source));
    sent.map(|()| Step::Fetched)
}

/// Whether a short report is looked at again because of this step. There is one row of looks for a report: the first that
/// finds it short begins it, and each look goes on with it. A step that is taken again may have sent the report and not the
/// look, so it begins a row all the same.
fn begins_look(job: &FetchJob, attempt: &Attempt, is_archived_short: bool) -> bool {
    job.not_before.is_some() || attempt.is_repeated() || !is_archived_short
}

/// Has Graph asked about an event when a report of it comes, but not at each later look at a short one. A meeting that was
/// found by its address is kept already (`keep_meeting`).
async fn ask_for_events(dependencies: &Dependencies, job: &FetchJob, source: &ReportSource) {
    if source.virtual_event().is_some() && job.not_before.is_none() {
        dependencies.artifact_sender().ask_for_events(&*dependencies.fetch_queue, job, source).await;
    }
}

/// The metadata of the current version of a report in the archive; `None` where there is none.
async fn archived_head(
    dependencies: &Dependencies,
    report: &ReportRef,
    facts: &MeetingAttendanceReport<'_>,
) -> Result<Option<ObjectHead>, FetchError> {
    match ArtifactPlace::of_report(&dependencies.tenant_id, report, facts) {
        Some(place) => Ok(dependencies.store.head(place.current()).await?),
        None => Ok(None),
    }
}

/// Sends a job for each of the reports.
async fn send_reports(
    dependencies: &Dependencies,
    job: &FetchJob,
    reports: &[ReportRef],
) -> Result<(), FetchError> {
    let next = reports.iter().map(|report| job.next(FetchTarget::Report(report.clone())));
    send_steps(dependencies, next.collect()).await
}

/// Sends the next steps to the queue of `fetch`.
async fn send_steps(dependencies: &Dependencies, jobs: Vec<FetchJob>) -> Result<(), FetchError> {
    let messages = jobs.iter().map(|job| OutgoingMessage::new(job.to_message()));
    Ok(dependencies.fetch_queue.send(messages.collect()).await?)
}
