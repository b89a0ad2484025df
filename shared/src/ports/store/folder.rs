//! An object store in a folder: the same layout on disk.
//!
//! An object is a file; its metadata lies in `.rollcall/<key>.json` at the root. Writers take one
//! lock for the whole folder, so conditions hold between processes too. Each file is written under
//! a temporary name and renamed, so a reader never sees half a file. The disk is waited for on threads of its own.

mod durable;
mod walk;

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

use super::{
    Condition, KEYS_A_PAGE, KeyPage, Metadata, NewObject, Object, ObjectFacts, ObjectHead, ObjectStore,
    ObjectVersion, PutResult, StoreError, VersionPage, VersionedStore,
};
use crate::digest::{sha256_hex, sha256_hex_of};

/// An object store in a folder: an object is a file, its key the path.
#[derive(Debug, Clone)]
pub struct FolderStore {
    root: PathBuf,
}

/// The file with an object's metadata. It is written before the object, and counts only for the bytes
/// whose hash it holds: a process that was killed in between leaves no metadata of other bytes.
#[derive(Serialize, Deserialize)]
struct MetadataFile {
    /// The SHA-256 of the object's bytes, in hex.
    sha256: String,
    metadata: Metadata,
}

impl FolderStore {
    /// The store in the folder `root`, which is created if it is absent.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = root.into();
        durable::create_folder(&root.join(METADATA_FOLDER)).map_err(failure)?;
        Ok(Self { root })
    }

    /// The store in a folder that is there already. Nothing is created, also no lock: for who only reads.
    ///
    /// # Errors
    /// There is no such folder, or it cannot be read.
    pub fn existing(root: impl Into<PathBuf>) -> Result<Self, FolderError> {
        let root = root.into();
        match fs::metadata(&root) {
            Err(error) if error.kind() == ErrorKind::NotFound => Err(FolderError::Absent),
            Err(_) => Err(FolderError::Unreadable),
            Ok(found) if !found.is_dir() => Err(FolderError::NoFolder),
            Ok(_) => fs::read_dir(&root).map_or(Err(FolderError::Unreadable), |_| Ok(Self { root })),
        }
    }

    /// The folder that holds the objects, and `.rollcall` with their metadata.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn read(&self, key: &str) -> io::Result<Option<Object>> {
        let Some(body) = if_present(fs::read(self.root.join(key)))? else { return Ok(None) };
        let head = self.head_of(key, sha256_hex(&body))?;
        Ok(Some(Object { body: body.into(), head }))
    }

    /// The object at `key` without its bytes, which are hashed but not held.
    fn read_head(&self, key: &str) -> io::Result<Option<ObjectHead>> {
        let Some(body) = if_present(File::open(self.root.join(key)))? else { return Ok(None) };
        self.head_of(key, sha256_hex_of(body)?).map(Some)
    }

    /// What stands beside the object at `key`, whose bytes have the SHA-256 `etag`.
    fn head_of(&self, key: &str, etag: String) -> io::Result<ObjectHead> {
        let json = if_present(fs::read(self.metadata_path(key)))?;
        let file = json.and_then(|json| serde_json::from_slice::<MetadataFile>(&json).ok());
        let metadata = file.filter(|file| file.sha256 == etag).map(|file| file.metadata);
        Ok(ObjectHead { etag, metadata: metadata.unwrap_or_default() })
    }

    fn write(&self, key: &str, object: NewObject, condition: &Condition) -> Result<PutResult, StoreError> {
        if !self.holds(condition, key).map_err(failure)? {
            return Ok(PutResult::ConditionFailed);
        }
        let sha256 = object.compared()?.unwrap_or_else(|| object.body.sha256_hex());
        let file = MetadataFile { sha256, metadata: object.metadata };
        self.write_files(key, &file, &object.body.into_bytes(), condition).map_err(failure)
    }

    /// Whether `condition` holds for the object at `key`, which is read only where its etag decides.
    fn holds(&self, condition: &Condition, key: &str) -> io::Result<bool> {
        Ok(match condition {
            Condition::IfAbsent => !fs::exists(self.root.join(key))?,
            Condition::IfMatch(etag) => self.read_head(key)?.is_some_and(|current| current.etag == *etag),
            Condition::Always => true,
        })
    }

    /// Writes an object's two files, where the condition still holds when they are on the disk.
    fn write_files(
        &self,
        key: &str,
        file: &MetadataFile,
        body: &[u8],
        condition: &Condition,
    ) -> io::Result<PutResult> {
        let (path, metadata_path) = (self.root.join(key), self.metadata_path(key));
        let [folder, metadata_folder] = [&path, &metadata_path].map(|path| folder_of(path));
        self.create_folders([folder, metadata_folder])?;
        // The disk is waited for before the lock is taken, and after it is left: several writers wait for it at once.
        let metadata = written(metadata_folder, &serde_json::to_vec_pretty(file)?)?;
        let body = written(folder, body)?;
        let lock = self.lock()?;
        if !self.holds(condition, key)? {
            return Ok(PutResult::ConditionFailed);
        }
        metadata.persist(&metadata_path)?;
        body.persist(&path)?;
        drop(lock);
        durable::sync_folder(metadata_folder)?;
        durable::sync_folder(folder)?;
        Ok(PutResult::Stored)
    }

    /// Creates folders where they are absent. Who finds them there takes the lock later, and so after they are on the disk.
    fn create_folders(&self, folders: [&Path; 2]) -> io::Result<()> {
        if folders.iter().all(|folder| folder.is_dir()) {
            return Ok(());
        }
        let _lock = self.lock()?;
        folders.into_iter().try_for_each(durable::create_folder)
    }

    /// Takes the lock of all writers, until what this answers is dropped.
    fn lock(&self) -> io::Result<File> {
        let lock = File::create(self.root.join(METADATA_FOLDER).join("lock"))?;
        lock.lock()?;
        Ok(lock)
    }

    /// The version of the object at `key`: its size and when its file was written. `None` where it is gone.
    fn version(&self, key: String) -> io::Result<Option<ObjectVersion>> {
        let Some(file) = if_present(fs::metadata(self.root.join(&key)))? else { return Ok(None) };
        let modified = file.modified()?;
        let written = modified.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let (size_bytes, version) = (file.len(), format!("{}-{written}", file.len()));
        let written_at = Timestamp::try_from(modified).ok();
        Ok(Some(ObjectVersion { key, version, size_bytes, written_at }))
    }

    /// What is known of the object at `key`. It was read between two looks at its version: where these differ it is another.
    fn facts_of(&self, key: &str) -> io::Result<Option<ObjectFacts>> {
        loop {
            let Some(before) = self.version(key.to_owned())? else { return Ok(None) };
            let Some(object) = self.read(key)? else { return Ok(None) };
            if self.version(key.to_owned())?.as_ref() == Some(&before) {
                let ObjectHead { etag, metadata } = object.head;
                return Ok(Some(ObjectFacts {
                    version: before.version,
                    version_id: None,
                    sha256: Some(etag),
                    size_bytes: object.body.len() as u64,
                    written_at: before.written_at.unwrap_or(Timestamp::UNIX_EPOCH),
                    metadata,
                }));
            }
        }
    }

    fn versions(&self, prefix: &str, after: Option<&str>) -> io::Result<VersionPage> {
        let (keys, is_last) = walk::keys(&self.root, prefix, after, VERSIONS_A_PAGE)?;
        let last = keys.last().cloned();
        let versions = keys.into_iter().map(|key| self.version(key));
        let objects = versions.filter_map(Result::transpose).collect::<io::Result<_>>()?;
        Ok(VersionPage { objects, next: last.filter(|_| !is_last) })
    }

    /// Does what waits for the disk on a thread for that, so that the tasks of the caller's thread go on.
    async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        let done = spawn_blocking(move || work(&store)).await;
        done.map_err(|error| failure(error.into()))?
    }

    fn metadata_path(&self, key: &str) -> PathBuf {
        self.root.join(METADATA_FOLDER).join(format!("{key}.json"))
    }
}

/// Why there is nothing to read in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// There is nothing of that name.
    #[error("there is no such folder: write the one that `rollcall pull --to` wrote to")]
    Absent,
    /// It is a file.
    #[error("this is a file: write the folder that `rollcall pull --to` wrote to")]
    NoFolder,
    /// The operating system refuses.
    #[error("the folder cannot be read: check who may read it")]
    Unreadable,
}

/// The most objects of one page of versions: more than of S3, since a folder is read anew for each page.
const VERSIONS_A_PAGE: usize = 10_000;

/// The folder below the root that holds the metadata files, and the lock.
const METADATA_FOLDER: &str = ".rollcall";

/// What was read; `None` where there is no such file.
fn if_present<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// A file with these bytes, on the disk, that waits for its name in `folder`.
fn written(folder: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[async_trait]
impl ObjectStore for FolderStore {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        let key = key.to_owned();
        self.on_a_thread(move |store| store.read_head(&key).map_err(failure)).await
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        let key = key.to_owned();
        self.on_a_thread(move |store| store.read(&key).map_err(failure)).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<KeyPage, StoreError> {
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        let keys = move |store: &Self| walk::keys(&store.root, &prefix, after.as_deref(), KEYS_A_PAGE);
        let (keys, is_last) = self.on_a_thread(move |store| keys(store).map_err(failure)).await?;
        Ok(KeyPage { keys, is_last })
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError> {
        let key = key.to_owned();
        self.on_a_thread(move |store| store.write(&key, object, &condition)).await
    }
}

#[async_trait]
impl VersionedStore for FolderStore {
    async fn list_versions(&self, prefix: &str, after: Option<&str>) -> Result<VersionPage, StoreError> {
        let (prefix, after) = (prefix.to_owned(), after.map(str::to_owned));
        self.on_a_thread(move |store| store.versions(&prefix, after.as_deref()).map_err(failure)).await
    }

    async fn facts(&self, key: &str) -> Result<Option<ObjectFacts>, StoreError> {
        let key = key.to_owned();
        self.on_a_thread(move |store| store.facts_of(&key).map_err(failure)).await
    }
}

/// A folder does not mend itself: whatever fails, a person must look.
fn failure(error: io::Error) -> StoreError {
    StoreError::Refused { code: error.kind().to_string() }
}
