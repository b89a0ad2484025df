//! Who was erased from the archive is left out of what is to be kept, before it is.

use bytes::Bytes;
use shared::archive::erasure::{Shape, Tombstones, scope_of};
use shared::archive::layout;
use shared::digest::sha256_hex;
use shared::jobs::ArchiveJob;

/// The name of the metadata that names the record of the latest erasure by which an object was changed.
pub(crate) const ERASURE: &str = "erasure";

/// What is left of a version.
pub(crate) struct Left {
    /// The bytes, which are those of before but for the markers.
    pub(crate) body: Bytes,
    /// Their SHA-256, in hex.
    pub(crate) sha256: String,
    /// The key of the erasure's record.
    pub(crate) erasure: String,
}

/// What is left of a version of the job's artifact; `None` where nobody in it was erased: then all of it stays, unread.
pub(crate) fn left(
    job: &ArchiveJob,
    tombstones: &Tombstones,
    text: &str,
) -> serde_json::Result<Option<Left>> {
    let redacted = tombstones.redact(text, Shape::of(&job.artifact), &scope_of(&job.artifact))?;
    Ok(redacted.map(|redacted| {
        let body = Bytes::from(redacted.text);
        let erasure = layout::erasure(&job.tenant_id, &redacted.latest.erasure);
        Left { sha256: sha256_hex(&body), body, erasure }
    }))
}
