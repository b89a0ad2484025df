//! Lists that tell which objects are new or have changed, for who keeps something that is derived from them.

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Metadata, ObjectStore, StoreError};

/// A store whose lists tell the version of each object, so that nothing need be read that is known.
#[async_trait]
pub trait VersionedStore: ObjectStore {
    /// Lists the objects whose keys begin with `prefix`, in the order of the keys' bytes: one page, of those that come
    /// after the key `after` where it is given.
    ///
    /// # Errors
    /// The store refuses or does not answer. A refusal is never an empty page.
    async fn list_versions(&self, prefix: &str, after: Option<&str>) -> Result<VersionPage, StoreError>;

    /// Gets what the store knows of the object at `key` without its bytes, where it can; `None` where there is none.
    ///
    /// # Errors
    /// The store refuses or does not answer. A refusal is never "absent".
    async fn facts(&self, key: &str) -> Result<Option<ObjectFacts>, StoreError>;
}

/// One page of the objects of a store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VersionPage {
    /// The objects of this page, in the order of their keys; perhaps none.
    pub objects: Vec<ObjectVersion>,
    /// The key after which the next page begins; `None`: this is the last one.
    pub next: Option<String>,
}

/// An object as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectVersion {
    /// The object's key, below the archive's root.
    pub key: String,
    /// What changes with the object's bytes: S3's etag, or a file's size and time. Opaque.
    pub version: String,
    /// How many bytes the object has.
    pub size_bytes: u64,
    /// When this version was written (UTC); `None` where the store does not say.
    pub written_at: Option<Timestamp>,
}

/// What a store knows of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectFacts {
    /// [`ObjectVersion::version`] of these bytes.
    pub version: String,
    /// S3's version id; `None` where the bucket keeps no versions, and in a folder.
    pub version_id: Option<String>,
    /// The SHA-256 of the bytes in lower-case hex, as the store has counted it; `None` where it has not.
    pub sha256: Option<String>,
    /// How many bytes the object has.
    pub size_bytes: u64,
    /// When this version was written (UTC).
    pub written_at: Timestamp,
    /// The metadata that was written with the object.
    pub metadata: Metadata,
}
