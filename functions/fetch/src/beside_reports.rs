//! What is kept beside the reports: what Graph says of their meetings and events, who registered, and what the deprecated
//! path gives. No report depends on it: where Graph refuses it, that is logged once and no alarm rings.

use shared::graph::{FoundMeeting, GraphError};
use shared::jobs::{Cause, FetchJob};
use shared::model::{ArtifactRef, EventRef, Outcome, RegistrationsRef, ReportSource};
use tracing::{debug, warn};

use crate::artifacts::send_artifact;
use crate::retry::NextAction;
use crate::step::{Step, passed_over, takes_event};
use crate::{Dependencies, FetchError};

/// Keeps what Graph said of a meeting that it was asked for by the address.
pub(crate) async fn keep_meeting(
    dependencies: &Dependencies,
    job: &FetchJob,
    found: &FoundMeeting,
) -> Result<(), FetchError> {
    match found {
        FoundMeeting::Known(meeting) => Ok(dependencies.artifact_sender().keep_meeting(job, meeting).await?),
        FoundMeeting::ByBuiltId(_) => Ok(()),
    }
}

/// Gets what Graph says of a meeting, webinar, town hall or session.
pub(crate) async fn keep_event(
    dependencies: &Dependencies,
    job: &FetchJob,
    event: &EventRef,
) -> Result<Step, FetchError> {
    let fetched = dependencies.graph.event(event).await?;
    send_artifact(dependencies, job, ArtifactRef::Event(event.clone()), fetched, None).await?;
    Ok(Step::Fetched)
}

/// Gets a registration, or the list of all, where the event's organizer counts.
pub(crate) async fn keep_registrations(
    dependencies: &Dependencies,
    job: &FetchJob,
    of: &RegistrationsRef,
) -> Result<Step, FetchError> {
    // Whoever asked for the list has decided whose events count.
    if job.cause == Cause::Notification && !takes_event(dependencies, of.kind, &of.event_id).await? {
        return Ok(passed_over(dependencies));
    }
    let fetched = dependencies.graph.registrations(of).await?;
    send_artifact(dependencies, job, ArtifactRef::Registrations(of.clone()), fetched, None).await?;
    Ok(Step::Fetched)
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

/// Whether such a job is given up: where a report would become a dead letter, or is waited for that may come.
pub(crate) fn is_given_up_beside_reports(error: &GraphError, next: NextAction) -> bool {
    error.outcome == Outcome::NotReady || matches!(next, NextAction::GiveUp | NextAction::DeadLetter)
}

/// Tells what Graph refuses of it: once for each kind and reason, until the note of that expires.
pub(crate) async fn tell_refusal_once(
    dependencies: &Dependencies,
    job: &FetchJob,
    error: &GraphError,
) -> Result<(), FetchError> {
    let (outcome, what) = (error.outcome.name(), job.target.name());
    if dependencies.artifact_sender().mark_told(&format!("{what} {outcome}")).await? {
        warn!(
            outcome,
            "{what}: {error}; it is given up, and the reports are kept without it. For some weeks this is not told \
             again. {}",
            error.remedy()
        );
    } else {
        debug!(outcome, "{what}: {error}; it is given up");
    }
    Ok(())
}
