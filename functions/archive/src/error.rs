//! Why an artifact was not archived.

use shared::archive::erasure::TombstoneError;
use shared::ports::store::StoreError;

/// Why an artifact was not archived: each has another consequence for its message.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The artifact was in `staging/` and has expired there: it must be fetched again.
    #[error("the artifact is no longer in staging")]
    ClaimCheckGone,
    /// The job does not agree with the artifact's bytes, for this reason; it never will.
    #[error("the job does not agree with the bytes: {0}")]
    Mismatch(&'static str),
    /// The object store gave no answer, or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is not known who was erased: until it is, nothing is kept.
    #[error(transparent)]
    Tombstones(#[from] TombstoneError),
    /// The invocation ends before the artifact is archived.
    #[error("the invocation's time is up")]
    OutOfTime,
}
