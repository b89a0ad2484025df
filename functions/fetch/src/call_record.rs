//! The record of a call that was a meeting is kept: Graph forgets it after 30 days, and it shows that a session
//! took place. It is sent to `archive` before its job is acknowledged, also where its meeting is never found.

use shared::graph::{FetchedArtifact, GraphError};
use shared::jobs::{FetchJob, Resolution};
use shared::model::{ArtifactRef, CallRecordRef, ReportSource};

use crate::artifacts::send_artifact;
use crate::{Dependencies, FetchError, UnresolvedCall};

/// Sends the record of the call `id` to `archive`, with the source that it led to, or with why to none.
pub(crate) async fn keep_call_record(
    dependencies: &Dependencies,
    job: &FetchJob,
    (id, record): (String, FetchedArtifact),
    found: Result<&ReportSource, &GraphError>,
) -> Result<(), FetchError> {
    let resolution = match found {
        Ok(source) => Resolution { outcome: "ok".to_owned(), source: Some(source.path()) },
        Err(error) => Resolution { outcome: error.outcome.name().to_owned(), source: None },
    };
    let artifact = ArtifactRef::CallRecord(CallRecordRef { id });
    send_artifact(dependencies, job, artifact, record, Some(resolution)).await
}

/// Keeps the record of a call whose meeting Graph will not give.
pub(crate) async fn keep_unresolved_call(
    dependencies: &Dependencies,
    call: UnresolvedCall,
) -> Result<(), FetchError> {
    let UnresolvedCall { error, job, id, record } = call;
    keep_call_record(dependencies, &job, (id, record), Err(&error)).await
}
