//! The current version of an artifact, and its revisions: the richest version is current, every other is a
//! revision.

use std::fmt;

use bytes::Bytes;
use shared::digest::{is_sha256_hex, sha256_hex};
use shared::memory;
use shared::ports::store::{Condition, Metadata, Object, ObjectStore, PutResult, StoreError};

use crate::ArchiveError;
use crate::artifact::{ArtifactVersion, json_object};

/// How often a write is tried whose condition fails because of other writers.
const TRIES: usize = 10;

/// What became of a version that was to be archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveResult {
    /// It is the first of its artifact.
    New,
    /// The archive had it already, byte for byte.
    Known,
    /// It is richer than the one before, which is now a revision.
    Richer,
    /// It is poorer than the current one, and is now a revision.
    Poorer,
    /// It is about somebody who was erased, and about nobody else: it is not kept.
    Erased,
}

impl ArchiveResult {
    /// The name in metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
            Self::Richer => "richer",
            Self::Poorer => "poorer",
            Self::Erased => "erased",
        }
    }
}

impl fmt::Display for ArchiveResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "archived for the first time",
            Self::Known => "archived already, byte for byte",
            Self::Richer => "archived a richer answer; the one before is kept as a revision",
            Self::Poorer => "kept a poorer answer as a revision",
            Self::Erased => "not kept, for whom it is about was erased",
        })
    }
}

/// The version that is current.
pub(crate) enum Current {
    /// The one that was to be archived.
    Own,
    /// Another.
    Archived { sha256: String, body: Bytes },
}

/// Stores a version; answers what became of it, and which version is current then.
pub(crate) async fn store_version(
    store: &dyn ObjectStore,
    version: &ArtifactVersion<'_>,
) -> Result<(ArchiveResult, Current), ArchiveError> {
    let key = version.place.current();
    for _ in 0..TRIES {
        if store.put(key, version.object(), Condition::IfAbsent).await? == PutResult::Stored {
            return Ok((ArchiveResult::New, Current::Own));
        }
        let Some(head) = store.head(key).await? else { continue };
        let has_the_same_bytes = head.metadata.get("sha256").map(String::as_str) == Some(version.sha256());
        if has_the_same_bytes && !version.tells_more_than(&head.metadata) {
            return Ok((ArchiveResult::Known, Current::Own));
        }
        // How large it is nobody knows before.
        memory::take_turn().await;
        let Some(existing) = store.get(key).await? else { continue };
        if let Some(stored) = compare_and_store(store, version, existing).await? {
            return Ok(stored);
        }
    }
    Err(StoreError::Unavailable { code: "others write the same artifact".to_owned() }.into())
}

/// Compares a version with the `existing` one that is current, and stores the poorer as a revision. `None`:
/// the current one has changed meanwhile.
async fn compare_and_store(
    store: &dyn ObjectStore,
    version: &ArtifactVersion<'_>,
    existing: Object,
) -> Result<Option<(ArchiveResult, Current)>, ArchiveError> {
    // What the bytes say decides here, and a store that refused them for its condition has not compared them.
    version.compare()?;
    let existing = version.without_erased(existing);
    let is_same = existing.body == version.body;
    if !is_same && version.is_outranked_by(&existing.body, &existing.head.metadata) {
        let revision = version.place.revision(version.sha256());
        let _ = store.put(&revision, version.object(), Condition::IfAbsent).await?;
        return Ok(Some((ArchiveResult::Poorer, Current::archived(existing))));
    }
    let object = version.object_after(&existing.head.metadata);
    // The same bytes get their metadata back: a folder's writer may have been killed in between, and the meeting
    // of a call may be known only now.
    if !is_same {
        store_former(store, version, existing.body, existing.head.metadata).await?;
    }
    let unchanged = Condition::IfMatch(existing.head.etag);
    let put = store.put(version.place.current(), object, unchanged).await?;
    let result = if is_same { ArchiveResult::Known } else { ArchiveResult::Richer };
    Ok((put == PutResult::Stored).then_some((result, Current::Own)))
}

/// Stores the version that was current as a revision of `version`. Its key is its hash: that of its metadata, which the
/// store compares with the bytes. Where there is none, or the store did not compare it, it is counted here.
async fn store_former(
    store: &dyn ObjectStore,
    version: &ArtifactVersion<'_>,
    body: Bytes,
    metadata: Metadata,
) -> Result<(), StoreError> {
    let put = async |sha256: String| {
        let key = version.place.revision(&sha256);
        let object = json_object(body.clone(), sha256, metadata.clone());
        store.put(&key, object, Condition::IfAbsent).await
    };
    if let Some(sha256) = named_sha256(&metadata) {
        match put(sha256).await {
            Ok(PutResult::Stored) => return Ok(()),
            Ok(PutResult::ConditionFailed) => {}
            Err(error) if error.is_bad_digest() => {}
            Err(error) => return Err(error),
        }
    }
    // An existing object under the hash that was counted has the same bytes.
    let _ = put(sha256_hex(&body)).await?;
    Ok(())
}

/// The SHA-256 that an object's metadata names; `None` where it names none. It becomes part of a key.
fn named_sha256(metadata: &Metadata) -> Option<String> {
    metadata.get("sha256").filter(|sha256| is_sha256_hex(sha256)).cloned()
}

impl Current {
    fn archived(Object { body, head }: Object) -> Self {
        let sha256 = named_sha256(&head.metadata).unwrap_or_else(|| sha256_hex(&body));
        Self::Archived { sha256, body }
    }

    /// Its SHA-256 in hex, where [`Self::Own`] is `version`.
    pub(crate) fn sha256<'a>(&'a self, version: &'a ArtifactVersion<'_>) -> &'a str {
        match self {
            Self::Own => version.sha256(),
            Self::Archived { sha256, .. } => sha256,
        }
    }

    /// Reads which version is current now.
    pub(crate) async fn read_again(
        &mut self,
        store: &dyn ObjectStore,
        version: &ArtifactVersion<'_>,
    ) -> Result<(), StoreError> {
        // Not two of the largest at once.
        *self = Self::Own;
        memory::take_turn().await;
        let existing = store.get(version.place.current()).await?;
        let gone = || StoreError::Unavailable { code: "the artifact has gone".to_owned() };
        let existing = version.without_erased(existing.ok_or_else(gone)?);
        if existing.body != version.body {
            *self = Self::archived(existing);
        }
        Ok(())
    }
}
