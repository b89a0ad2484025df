//! The object store port, with the semantics of S3: whole objects, conditional writes.

mod object_lock;

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;

pub use object_lock::{LockMode, ObjectLock};

use crate::digest::sha256_hex;

/// What stands beside an object: names and values of printable ASCII, 2 KiB in all.
pub type Metadata = BTreeMap<String, String>;

/// Keeps objects by key. Nothing is ever deleted.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// Looks whether there is an object at `key`.
    ///
    /// # Errors
    /// It cannot be said. A store that refuses to tell is an error, never "absent".
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError>;

    /// Reads the object at `key`.
    ///
    /// # Errors
    /// As [`Self::head`].
    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError>;

    /// Writes an object, if `condition` holds. [`PutResult::Stored`]: it is durable.
    ///
    /// # Errors
    /// Whether it was written is unknown. Write it again: the condition tells.
    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError>;
}

/// An object's metadata and the state that a later write can name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectHead {
    /// Changes with the object's bytes.
    pub etag: String,
    /// What was written beside it.
    pub metadata: Metadata,
}

/// An object with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The bytes.
    pub body: Bytes,
    /// Everything else.
    pub head: ObjectHead,
}

/// An object to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewObject {
    /// The bytes.
    pub body: Bytes,
    /// Their SHA-256, in hex: S3 refuses bytes that do not have it.
    pub sha256: String,
    /// Its media type.
    pub content_type: &'static str,
    /// What stands beside it.
    pub metadata: Metadata,
}

impl NewObject {
    /// An object whose hash is not known yet.
    pub fn new(body: impl Into<Bytes>, content_type: &'static str, metadata: Metadata) -> Self {
        let body = body.into();
        Self { sha256: sha256_hex(&body), body, content_type, metadata }
    }

    /// The hash, compared with the bytes as S3 does.
    ///
    /// # Errors
    /// The bytes are not those of the hash.
    pub fn checked(&self) -> Result<String, StoreError> {
        let sha256 = sha256_hex(&self.body);
        let bad_digest = || StoreError::Refused { code: "BadDigest".to_owned() };
        (sha256 == self.sha256).then_some(sha256).ok_or_else(bad_digest)
    }
}

/// When a write is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Only where there is no object.
    IfAbsent,
    /// Only where the object still has this [`ObjectHead::etag`].
    IfMatch(String),
    /// Always. For what has the same bytes under the same key.
    Always,
}

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum PutResult {
    /// The object is durable.
    Stored,
    /// The condition does not hold: nothing was written. That is an answer, not a failure.
    ConditionFailed,
}

/// A store that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It refuses: rights, a missing bucket, a key it cannot keep. A person must act.
    #[error("the archive refuses ({code}): check the bucket's name and owner, and the permissions")]
    Refused {
        /// The service's error code, or what the operating system says.
        code: String,
    },
    /// It does not answer, or is busy with the same object. Try again.
    #[error("the archive does not answer ({code})")]
    Unavailable {
        /// The service's error code, or what the operating system says.
        code: String,
    },
}

impl Condition {
    /// Whether it holds where the object there is `current` (its etag), or absent.
    pub fn holds(&self, current: Option<&str>) -> bool {
        match self {
            Self::IfAbsent => current.is_none(),
            Self::IfMatch(etag) => current == Some(etag),
            Self::Always => true,
        }
    }
}
