//! Every version of the objects of an archive: what `erase` deletes, and what `hold` keeps from being deleted. No function has this.

mod folder;
mod s3;

use async_trait::async_trait;
use jiff::Timestamp;
use shared::ports::store::{LockMode, NewObject, Object, PutResult, StoreError};

pub use folder::FolderVersions;
pub use s3::S3Versions;

/// Every version of the objects of an archive.
#[async_trait]
pub trait Versions: Send + Sync {
    /// Lists the versions of the objects whose keys begin with `prefix`: one page, in the order of the keys, of each key the
    /// latest first. `after`: where the page before ended.
    ///
    /// # Errors
    /// The store refuses or does not answer. A refusal is never an empty page.
    async fn list(&self, prefix: &str, after: Option<&Position>) -> Result<ListedPage, StoreError>;

    /// Reads a version with its locks; `None`: it is gone. Where `version` is `None`, the latest.
    ///
    /// # Errors
    /// The store refuses, does not answer, or the bytes were cut short.
    async fn get(&self, key: &str, version: Option<&str>) -> Result<Option<Version>, StoreError>;

    /// Writes an object in the place of the one that has this etag, locked as that was.
    ///
    /// # Errors
    /// Whether it was written is unknown then: write it again.
    async fn replace(
        &self,
        key: &str,
        object: NewObject,
        (etag, retention): (&str, Option<Retention>),
    ) -> Result<PutResult, StoreError>;

    /// Deletes versions for good, also those under a GOVERNANCE lock; answers which were refused, and why. One that is gone
    /// already is deleted.
    ///
    /// # Errors
    /// Which were deleted is unknown then: delete them again.
    async fn delete(&self, versions: &[VersionName]) -> Result<Vec<Refusal>, StoreError>;
}

/// All versions of the object at `key`, the latest first, delete markers among them; none where there is no such object.
///
/// # Errors
/// The store refuses or does not answer.
pub(crate) async fn of_key(versions: &dyn Versions, key: &str) -> Result<Vec<Listed>, StoreError> {
    let (mut of_key, mut after) = (Vec::new(), None);
    loop {
        let page = versions.list(key, after.as_ref()).await?;
        // Keys that go on where this one ends come after it.
        let others_follow = page.versions.iter().any(|listed| listed.name.key != key);
        of_key.extend(page.versions.into_iter().filter(|listed| listed.name.key == key));
        after = page.next;
        if after.is_none() || others_follow {
            return Ok(of_key);
        }
    }
}

/// A version by its names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VersionName {
    /// The key of the object.
    pub key: String,
    /// S3's version id; `None` in a folder, which keeps one version.
    pub version: Option<String>,
}

/// A version as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The names of the version.
    pub name: VersionName,
    /// Whether it is the one that a reader gets.
    pub is_latest: bool,
    /// Whether it is a delete marker, which has no bytes.
    pub is_marker: bool,
    /// How many bytes it has.
    pub size_bytes: u64,
}

/// One page of versions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListedPage {
    /// The versions, perhaps none.
    pub versions: Vec<Listed>,
    /// Where the next page begins; `None`: this is the last one.
    pub next: Option<Position>,
}

/// Where a page of versions ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The last key of the page.
    pub key: String,
    /// The last version of that key; `None`: all of them.
    pub version: Option<String>,
}

/// A version that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its bytes, etag and metadata.
    pub object: Object,
    /// What keeps it from being deleted.
    pub lock: Lock,
}

/// What keeps a version from being deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lock {
    /// Whether there is a legal hold on it.
    pub is_held: bool,
    /// Until when it is locked; `None`: not at all.
    pub retention: Option<Retention>,
}

/// A lock that ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Who can lift it.
    pub mode: LockMode,
    /// When it ends (UTC).
    pub until: Timestamp,
}

/// A version that was not deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The names of the version.
    pub name: VersionName,
    /// The store's error code.
    pub code: String,
}
