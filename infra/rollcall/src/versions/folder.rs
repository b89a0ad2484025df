//! A folder keeps one version of each object: its file.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use async_trait::async_trait;
use shared::ports::store::{
    Condition, FolderStore, NewObject, ObjectStore, PutResult, StoreError, VersionPage, VersionedStore,
};

use super::{Listed, ListedPage, Lock, Position, Refusal, Retention, Version, VersionName, Versions};

/// The objects in a folder, none of which has an older version or a lock.
#[derive(Debug, Clone)]
pub struct FolderVersions(
    /// The folder's store.
    pub FolderStore,
);

#[async_trait]
impl Versions for FolderVersions {
    async fn list(&self, prefix: &str, after: Option<&Position>) -> Result<ListedPage, StoreError> {
        let after = after.map(|position| position.key.as_str());
        let VersionPage { objects, next } = self.0.list_versions(prefix, after).await?;
        let listed = objects.into_iter().map(|object| Listed {
            name: VersionName { key: object.key, version: None },
            is_latest: true,
            is_marker: false,
            size_bytes: object.size_bytes,
        });
        let next = next.map(|key| Position { key, version: None });
        Ok(ListedPage { versions: listed.collect(), next })
    }

    async fn get(&self, key: &str, _: Option<&str>) -> Result<Option<Version>, StoreError> {
        let object = self.0.get(key).await?;
        Ok(object.map(|object| Version { object, lock: Lock::default() }))
    }

    async fn replace(
        &self,
        key: &str,
        object: NewObject,
        (etag, _): (&str, Option<Retention>),
    ) -> Result<PutResult, StoreError> {
        self.0.put(key, object, Condition::IfMatch(etag.to_owned())).await
    }

    async fn delete(&self, versions: &[VersionName]) -> Result<Vec<Refusal>, StoreError> {
        for VersionName { key, .. } in versions {
            // Its metadata last: a file without metadata is an object still.
            let root = self.0.root();
            let removed = remove(&root.join(key))
                .and_then(|()| remove(&root.join(".rollcall").join(format!("{key}.json"))));
            removed.map_err(|error| StoreError::Refused { code: error.kind().to_string() })?;
        }
        Ok(Vec::new())
    }
}

/// Removes a file, where it is there, and waits until its name is gone from the disk.
fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        removed => removed?,
    }
    match file.parent() {
        Some(folder) if cfg!(unix) => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}
