//! The object store port, with the semantics of S3: whole objects, conditional writes.

mod body;
#[cfg(feature = "folder")]
mod folder;
mod new_object;
mod object_lock;
mod versions;

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;

pub use body::{Chunks, ObjectBody};
#[cfg(feature = "folder")]
pub use folder::{FolderError, FolderStore};
pub use new_object::{Checksum, NewObject};
pub use object_lock::{LockMode, ObjectLock};
pub use versions::{ObjectFacts, ObjectVersion, VersionPage, VersionedStore};

/// The metadata of an object: names and values of printable ASCII, 2 KiB in all.
pub type Metadata = BTreeMap<String, String>;

/// Stores objects by key. It never deletes one.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// Gets the metadata of the object at `key`; `None` where there is none.
    ///
    /// # Errors
    /// The store refuses or does not answer. A refusal (403) is an error, never "absent".
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError>;

    /// Reads the object at `key`, all its bytes; `None` where there is none.
    ///
    /// # Errors
    /// The store refuses, does not answer, or the bytes were cut short. A refusal is never "absent".
    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError>;

    /// Lists the keys that begin with `prefix`, in the order of their bytes: one page, of those that come after
    /// the key `after` where it is given.
    ///
    /// # Errors
    /// The store refuses or does not answer. A refusal is never an empty page.
    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<KeyPage, StoreError>;

    /// Writes an object, if `condition` holds. After [`PutResult::Stored`] it is durable, and its bytes are those of its
    /// [`Checksum`]; after [`PutResult::ConditionFailed`] nobody has compared them.
    ///
    /// # Errors
    /// [`StoreError::is_bad_digest`]: the bytes are others. Otherwise whether the object was written is unknown. Write it
    /// again: the condition then shows it.
    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError>;
}

/// The most keys of one page of a list.
pub const KEYS_A_PAGE: usize = 1_000;

/// One page of the keys of a store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyPage {
    /// The keys of this page, in order; perhaps none.
    pub keys: Vec<String>,
    /// Whether no key with the prefix comes after them.
    pub is_last: bool,
}

impl KeyPage {
    /// The page after the key `after` of `keys`, which are in order and all have the prefix that is listed.
    pub fn of(keys: impl Iterator<Item = String>, after: Option<&str>) -> Self {
        let mut later = keys.filter(|key| after.is_none_or(|after| key.as_str() > after));
        let keys = later.by_ref().take(KEYS_A_PAGE).collect();
        Self { keys, is_last: later.next().is_none() }
    }
}

/// An object without its bytes: its metadata, and the etag that a later write can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    /// The etag, which changes with the object's bytes. Opaque.
    pub etag: String,
    /// The metadata that was written with the object.
    pub metadata: Metadata,
}

/// An object that was read, with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The object's bytes, all of them.
    pub body: Bytes,
    /// The object's etag and metadata.
    pub head: ObjectHead,
}

/// The condition under which a write takes place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Only where there is no object at the key.
    IfAbsent,
    /// Only where the object still has this [`ObjectHead::etag`].
    IfMatch(String),
    /// Always: for objects whose key always has the same bytes.
    Always,
}

/// The result of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum PutResult {
    /// The object was written and is durable.
    Stored,
    /// The condition does not hold: nothing was written. That is a result, not a failure.
    ConditionFailed,
}

/// Why the store could not do a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The store refuses: permissions, a missing bucket, a key it cannot store. A person must act.
    #[error("the archive refuses ({code}): check the bucket's name and owner, and the permissions")]
    Refused {
        /// The error code of the service, or of the operating system.
        code: String,
    },
    /// The store does not answer, or is busy with the same object. Try again.
    #[error("the archive does not answer ({code})")]
    Unavailable {
        /// The error code of the service, or of the operating system.
        code: String,
    },
}

/// The code with which S3 refuses bytes that are not those of their checksum.
const BAD_DIGEST: &str = "BadDigest";

impl StoreError {
    /// The refusal of bytes that are not those of their checksum, as S3 makes it.
    pub fn bad_digest() -> Self {
        Self::Refused { code: BAD_DIGEST.to_owned() }
    }

    /// Whether the bytes were refused because they are not those of their checksum: nothing was written.
    pub fn is_bad_digest(&self) -> bool {
        matches!(self, Self::Refused { code } if code == BAD_DIGEST)
    }
}

impl Condition {
    /// Whether the condition holds where `current` is the etag of the existing object; `None`: there is none.
    pub fn holds(&self, current: Option<&str>) -> bool {
        match self {
            Self::IfAbsent => current.is_none(),
            Self::IfMatch(etag) => current == Some(etag),
            Self::Always => true,
        }
    }
}
