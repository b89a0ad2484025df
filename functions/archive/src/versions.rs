//! The current version of an artifact, and its revisions: the richest version is current, every other is a
//! revision.

use std::fmt;

use bytes::Bytes;
use shared::digest::sha256_hex;
use shared::memory;
use shared::ports::store::{Condition, NewObject, Object, ObjectStore, PutResult, StoreError};

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
}

impl ArchiveResult {
    /// The name in metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Known => "known",
            Self::Richer => "richer",
            Self::Poorer => "poorer",
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
        })
    }
}

/// The version that is current.
pub(crate) struct Current {
    pub(crate) sha256: String,
    pub(crate) body: Bytes,
}

/// Stores a version; answers what became of it, and which version is current then.
pub(crate) async fn store_version(
    store: &dyn ObjectStore,
    version: &ArtifactVersion<'_>,
) -> Result<(ArchiveResult, Current), StoreError> {
    let key = version.place.current();
    for _ in 0..TRIES {
        if store.put(key, version.object(), Condition::IfAbsent).await? == PutResult::Stored {
            return Ok((ArchiveResult::New, Current::of(version)));
        }
        let Some(head) = store.head(key).await? else { continue };
        let has_the_same_bytes = head.metadata.get("sha256").map(String::as_str) == Some(version.sha256());
        if has_the_same_bytes && !version.tells_more_than(&head.metadata) {
            return Ok((ArchiveResult::Known, Current::of(version)));
        }
        // How large it is nobody knows before.
        memory::take_turn().await;
        let Some(existing) = store.get(key).await? else { continue };
        if let Some(stored) = compare_and_store(store, version, existing).await? {
            return Ok(stored);
        }
    }
    Err(StoreError::Unavailable { code: "others write the same artifact".to_owned() })
}

/// Compares a version with the `existing` one that is current, and stores the poorer as a revision. `None`:
/// the current one has changed meanwhile.
async fn compare_and_store(
    store: &dyn ObjectStore,
    version: &ArtifactVersion<'_>,
    existing: Object,
) -> Result<Option<(ArchiveResult, Current)>, StoreError> {
    let existing_sha256 = sha256_hex(&existing.body);
    let is_same = existing_sha256 == version.sha256();
    if !is_same && version.is_outranked_by(&existing.body, &existing.head.metadata) {
        store_revision(store, version, version.object()).await?;
        let current = Current { sha256: existing_sha256, body: existing.body };
        return Ok(Some((ArchiveResult::Poorer, current)));
    }
    let object = version.object_after(&existing.head.metadata);
    // The same bytes get their metadata back: a folder's writer may have been killed in between, and the meeting
    // of a call may be known only now.
    if !is_same {
        let revision = json_object(existing.body, existing_sha256, existing.head.metadata);
        store_revision(store, version, revision).await?;
    }
    let unchanged = Condition::IfMatch(existing.head.etag);
    let put = store.put(version.place.current(), object, unchanged).await?;
    let result = if is_same { ArchiveResult::Known } else { ArchiveResult::Richer };
    Ok((put == PutResult::Stored).then(|| (result, Current::of(version))))
}

/// Stores a version that is not current. Its key is its hash, so an existing one is the same.
async fn store_revision(
    store: &dyn ObjectStore,
    version: &ArtifactVersion<'_>,
    object: NewObject,
) -> Result<(), StoreError> {
    match store.put(&version.place.revision(&object.sha256), object, Condition::IfAbsent).await? {
        PutResult::Stored | PutResult::ConditionFailed => Ok(()),
    }
}

impl Current {
    fn of(version: &ArtifactVersion<'_>) -> Self {
        Self { sha256: version.sha256().to_owned(), body: version.body.clone() }
    }

    /// Reads which version is current now.
    pub(crate) async fn read_again(
        &mut self,
        store: &dyn ObjectStore,
        version: &ArtifactVersion<'_>,
    ) -> Result<(), StoreError> {
        // Not two of the largest at once.
        self.body.clear();
        memory::take_turn().await;
        let existing = store.get(version.place.current()).await?;
        let gone = || StoreError::Unavailable { code: "the artifact has gone".to_owned() };
        self.body = existing.ok_or_else(gone)?.body;
        self.sha256 = sha256_hex(&self.body);
        Ok(())
    }
}
