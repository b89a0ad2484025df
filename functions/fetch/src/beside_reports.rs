//! What is kept beside the reports: what Graph says of their meetings and events, who registered, and what the deprecated
//! path gives. No report depends on it: where Graph refuses it, that is logged once and no alarm rings.

use shared::graph::{FetchedArtifact, FoundMeeting, GraphError};
use shared::jobs::{Cause, FetchJob, FetchTarget};
use shared::model::{ArtifactRef, EventDescription, EventRef, Outcome, RegistrationsRef, ReportSource};
use tracing::{debug, warn};

use crate::artifacts::send_artifact;
use crate::retry::NextAction;
use crate::step::{Step, passed_over, takes_event};
use crate::{Dependencies, FetchError};

/// Keeps what Graph said of a meeting that it was asked for by the address. Of one that Graph knows by its id alone the next
/// run asks.
pub(crate) async fn keep_meeting(dependencies: &Dependencies, job: &FetchJob, found: &FoundMeeting) {
    if let FoundMeeting::Known(meeting) = found {
        dependencies.artifact_sender().keep_meeting(job, meeting).await;
    }
}

/// Gets what Graph says of a meeting, webinar, town hall or session.
pub(crate) async fn keep_event(
    dependencies: &Dependencies,
    job: &FetchJob,
    event: &EventRef,
) -> Result<Step, FetchError> {
    let fetched = dependencies.graph.event(event).await?;
    check_id(&fetched, |id| event.may_have_id(id))?;
    send_artifact(dependencies, job, ArtifactRef::Event(event.clone()), fetched, None).await?;
    Ok(Step::Fetched)
}

/// Gets a registration, or the list of all, where the event's organizer counts.
pub(crate) async fn keep_registrations(
    dependencies: &Dependencies,
    job: &FetchJob,
    of: &RegistrationsRef,
) -> Result<Step, FetchError> {
    // Whoever has the list asked for has decided whose events count.
    let is_notified = job.cause == Cause::Notification && of.registration_id.is_some();
    if is_notified && !takes_event(dependencies, of.kind, &of.event_id).await? {
        return Ok(passed_over(dependencies));
    }
    let fetched = dependencies.graph.registrations(of).await?;
    if let Some(asked) = &of.registration_id {
        check_id(&fetched, |id| id.eq_ignore_ascii_case(asked))?;
    }
    send_artifact(dependencies, job, ArtifactRef::Registrations(of.clone()), fetched, None).await?;
    Ok(Step::Fetched)
}

/// Checks that an answer is of what was asked for: `archive` would refuse any other, and that would be a dead letter.
fn check_id(fetched: &FetchedArtifact, is_asked: impl Fn(&str) -> bool) -> Result<(), GraphError> {
    match EventDescription::read(&fetched.body) {
        Ok(described) if is_asked(&described.id) => Ok(()),
        _ => Err(GraphError::new(Outcome::Malformed).because("the answer has another id")),
    }
}

/// Gets a meeting's newest report by the deprecated path.
pub(crate) async fn keep_legacy_report(
    dependencies: &Dependencies,
    job: &FetchJob,
    source: &ReportSource,
) -> Result<Step, FetchError> {
    let fetched = dependencies.graph.newest_attendance_report(source).await?;
    send_artifact(dependencies, job, ArtifactRef::LegacyReport(source.clone()), fetched, None).await?;
    Ok(Step::Fetched)
}

/// Whether such a job is given up: where a report would become a dead letter, or is waited for that may come. That the
/// list of registrations is refused is no surprise, and is not tried again. But one registration of which Graph has notified
/// is asked for by nobody else: where it could not be reached for long it becomes a dead letter, too.
pub(crate) fn is_given_up_beside_reports(job: &FetchJob, error: &GraphError, next: NextAction) -> bool {
    let is_final = matches!(next, NextAction::GiveUp | NextAction::DeadLetter);
    match (error.outcome, &job.target) {
        (Outcome::NotReady, _) => true,
        (Outcome::ConsentMissing, FetchTarget::Registrations(of)) if of.registration_id.is_none() => true,
        (Outcome::Unavailable | Outcome::Throttled, target) => is_final && !is_one_registration(target),
        _ => is_final,
    }
}

/// Whether such a job is given up that takes longer than a step has: another try would begin it again.
pub(crate) fn is_given_up_for_its_length(target: &FetchTarget) -> bool {
    target.is_beside_the_reports() && !is_one_registration(target)
}

fn is_one_registration(target: &FetchTarget) -> bool {
    matches!(target, FetchTarget::Registrations(of) if of.registration_id.is_some())
}

/// Why a job is given up that takes longer than a step has.
pub(crate) fn takes_too_long() -> GraphError {
    GraphError::new(Outcome::Unavailable).because("it takes longer than a step has")
}

/// Tells what Graph does not give of it: once for each kind and reason, until the note of that expires.
pub(crate) async fn tell_refusal_once(
    dependencies: &Dependencies,
    job: &FetchJob,
    error: &GraphError,
) -> Result<(), FetchError> {
    let (outcome, what, sender) = (error.outcome.name(), job.target.name(), dependencies.artifact_sender());
    let note = format!("{what} {outcome}");
    if sender.is_told(&note).await? {
        debug!(outcome, "{what}: {error}; it is given up");
        return Ok(());
    }
    warn!(
        outcome,
        "{what}: {error}; it is given up, and the reports are kept without it. For some weeks this is not told again. {}",
        error.remedy()
    );
    Ok(sender.mark_told(&note).await?)
}
