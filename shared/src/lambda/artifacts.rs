//! What was fetched, on its way to `archive`: one way for every kind of artifact.

use serde_json::value::RawValue;

use crate::archive::layout;
use crate::digest::sha256_hex;
use crate::graph::{FetchedArtifact, GraphVersion};
use crate::jobs::{ArchiveJob, FetchJob, Job, Resolution};
use crate::model::ArtifactRef;
use crate::ports::clock::Clock;
use crate::ports::queue::{OutgoingMessage, Queue, QueueError, fits_message};
use crate::ports::store::{Checksum, Condition, NewObject, ObjectStore, PutResult, StoreError};

/// Where artifacts are sent.
#[derive(Clone, Copy)]
pub struct ArtifactSender<'a> {
    /// The tenant that they belong to.
    pub tenant_id: &'a str,
    /// The version of the API that gave them.
    pub api: GraphVersion,
    /// The archive, where what does not fit into a message waits in `staging/`.
    pub store: &'a dyn ObjectStore,
    /// The queue of `archive`.
    pub archive_queue: &'a dyn Queue,
    /// The clock that tells when they came.
    pub clock: &'a dyn Clock,
}

/// Why an artifact was not sent: it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum SendArtifactError {
    /// What was fetched is no JSON.
    #[error("the answer cannot be read")]
    Unreadable,
    /// The object store gave no answer, or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The job could not be sent.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

impl ArtifactSender<'_> {
    /// Sends an artifact to `archive`, inside the message or, where it does not fit, by a claim check in `staging/`.
    /// `resolution` is what a call record led to, and `None` for every other artifact.
    ///
    /// # Errors
    /// It was not sent, or is not known to be.
    pub async fn send(
        &self,
        job: &FetchJob,
        artifact: ArtifactRef,
        fetched: FetchedArtifact,
        resolution: Option<Resolution>,
    ) -> Result<(), SendArtifactError> {
        let FetchedArtifact { body, records, pages, request_id } = fetched;
        let body = trimmed(body);
        let (size_bytes, sha256) = (body.len(), sha256_hex(body.as_bytes()));
        let inline = if fits_message(&body) {
            Some(RawValue::from_string(body).map_err(|_| SendArtifactError::Unreadable)?)
        } else {
            self.store_claim_check(sha256.clone(), body).await?;
            None
        };
        let job = ArchiveJob {
            hops: job.hops,
            tenant_id: self.tenant_id.to_owned(),
            artifact,
            cause: job.cause,
            first_seen: job.first_seen,
            session: job.session,
            fetched_at: self.clock.now(),
            graph_request_id: request_id,
            api: self.api.name().to_owned(),
            pages,
            records,
            resolution,
            size_bytes,
            sha256,
            body: inline,
        };
        Ok(self.archive_queue.send(vec![OutgoingMessage::new(job.to_message())]).await?)
    }

    /// Writes an artifact to `staging/`, where `archive` finds it by its hash. It expires, so it is written again
    /// each time.
    async fn store_claim_check(&self, sha256: String, body: String) -> Result<(), StoreError> {
        let key = layout::staging(&sha256);
        let metadata = [("sha256".to_owned(), sha256.clone())].into();
        let checksum = Checksum::Sha256(sha256);
        let object = NewObject { body: body.into(), checksum, content_type: "application/json", metadata };
        match self.store.put(&key, object, Condition::Always).await? {
            PutResult::Stored | PutResult::ConditionFailed => Ok(()),
        }
    }
}

/// A text without the white space around it.
fn trimmed(mut text: String) -> String {
    text.truncate(text.trim_end().len());
    text.drain(..text.len() - text.trim_start().len());
    text
}
