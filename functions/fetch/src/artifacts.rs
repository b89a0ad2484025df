//! What was fetched, on its way to `archive`: one way for every kind of artifact.

use serde_json::value::RawValue;
use shared::archive::layout;
use shared::digest::sha256_hex;
use shared::graph::{FetchedArtifact, GraphError};
use shared::jobs::{ArchiveJob, FetchJob, Job, Resolution};
use shared::lambda::metrics::{self, Metric};
use shared::model::{ArtifactRef, Outcome, key_segment};
use shared::ports::queue::{OutgoingMessage, fits_message};
use shared::ports::store::{Condition, NewObject, PutResult};
use tracing::info;

use crate::{Dependencies, FetchError};

/// Sends an artifact to `archive`, inside the message or, where it does not fit, by a claim check in
/// `staging/`. `resolution` is what a call record led to, and `None` for a report.
pub(crate) async fn send_artifact(
    dependencies: &Dependencies,
    job: &FetchJob,
    artifact: ArtifactRef,
    fetched: FetchedArtifact,
    resolution: Option<Resolution>,
) -> Result<(), FetchError> {
    let FetchedArtifact { body, records, pages, request_id } = fetched;
    let body = trimmed(body);
    let (size_bytes, sha256) = (body.len(), sha256_hex(body.as_bytes()));
    let inline = if fits_message(&body) {
        let unreadable = |_| GraphError::new(Outcome::Malformed).because("the answer cannot be read");
        Some(RawValue::from_string(body).map_err(unreadable)?)
    } else {
        store_claim_check(dependencies, sha256.clone(), body).await?;
        None
    };
    let (artifact_id, kind) = (key_segment(artifact.id()), artifact.kind());
    let is_report = matches!(artifact, ArtifactRef::Report(_));
    let job = ArchiveJob {
        hops: job.hops,
        tenant_id: dependencies.tenant_id.clone(),
        artifact,
        cause: job.cause,
        first_seen: job.first_seen,
        session: job.session,
        fetched_at: dependencies.clock.now(),
        graph_request_id: request_id,
        api: dependencies.graph.version().name().to_owned(),
        pages,
        records,
        resolution,
        size_bytes,
        sha256,
        body: inline,
    };
    dependencies.archive_queue.send(vec![OutgoingMessage::new(job.to_message())]).await?;
    if is_report {
        metrics::emit_outcome(dependencies.clock.now(), "ok", &[Metric::count("FetchOutcome", 1)]);
    }
    info!(artifact.id = artifact_id, size_bytes, "fetched a {kind} (records: {records}, pages: {pages})");
    Ok(())
}

/// A text without the white space around it.
fn trimmed(mut text: String) -> String {
    text.truncate(text.trim_end().len());
    text.drain(..text.len() - text.trim_start().len());
    text
}

/// Writes an artifact to `staging/`, where `archive` finds it by its hash. It expires, so it is written again
/// each time.
async fn store_claim_check(
    dependencies: &Dependencies,
    sha256: String,
    body: String,
) -> Result<(), FetchError> {
    let key = layout::staging(&sha256);
    let metadata = [("sha256".to_owned(), sha256.clone())].into();
    let object = NewObject { body: body.into(), sha256, content_type: "application/json", metadata };
    match dependencies.store.put(&key, object, Condition::Always).await? {
        PutResult::Stored | PutResult::ConditionFailed => Ok(()),
    }
}
