//! What was fetched, on its way to `archive`.

use shared::graph::FetchedArtifact;
use shared::jobs::{FetchJob, Resolution};
use shared::lambda::metrics::{self, Metric};
use shared::model::{ArtifactRef, key_segment};
use tracing::info;

use crate::{Dependencies, FetchError};

/// Sends an artifact to `archive`, and tells so. `resolution` is what a call record led to, and `None` for every other
/// artifact.
pub(crate) async fn send_artifact(
    dependencies: &Dependencies,
    job: &FetchJob,
    artifact: ArtifactRef,
    fetched: FetchedArtifact,
    resolution: Option<Resolution>,
) -> Result<(), FetchError> {
    let (artifact_id, kind) = (key_segment(artifact.id()), artifact.kind());
    let (size_bytes, records, pages) = (fetched.body.trim().len(), fetched.records, fetched.pages);
    let is_report = matches!(artifact, ArtifactRef::Report(_));
    dependencies.artifact_sender().send(job, artifact, fetched, resolution).await?;
    if is_report {
        metrics::emit_outcome(dependencies.clock.now(), "ok", &[Metric::count("FetchOutcome", 1)]);
    }
    info!(artifact.id = artifact_id, size_bytes, "fetched: {kind} (records: {records}, pages: {pages})");
    Ok(())
}
