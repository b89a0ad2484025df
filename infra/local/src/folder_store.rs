//! An object store in a folder: the same layout on disk.
//!
//! An object is a file; its metadata lies in `.rollcall/<key>.json` at the root. Writers take one
//! lock for the whole folder, so conditions hold between processes too. Each file is written under
//! a temporary name and renamed, so a reader never sees half a file.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use shared::digest::sha256_hex;
use shared::ports::store::{
    Condition, KeyPage, Metadata, NewObject, Object, ObjectHead, ObjectStore, PutResult, StoreError,
};

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
        fs::create_dir_all(root.join(METADATA_FOLDER)).map_err(failure)?;
        Ok(Self { root })
    }

    /// The folder that holds the objects, and `.rollcall` with their metadata.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn read(&self, key: &str) -> io::Result<Option<Object>> {
        let Some(body) = read_if_present(&self.root.join(key))? else { return Ok(None) };
        let etag = sha256_hex(&body);
        let json = read_if_present(&self.metadata_path(key))?;
        let file = json.and_then(|json| serde_json::from_slice::<MetadataFile>(&json).ok());
        let metadata = file.filter(|file| file.sha256 == etag).map(|file| file.metadata);
        let head = ObjectHead { etag, metadata: metadata.unwrap_or_default() };
        Ok(Some(Object { body: body.into(), head }))
    }

    fn write(
        &self,
        key: &str,
        object: &NewObject,
        sha256: String,
        condition: &Condition,
    ) -> io::Result<PutResult> {
        let lock = File::create(self.root.join(METADATA_FOLDER).join("lock"))?;
        lock.lock()?;
        let current = self.read(key)?.map(|object| object.head.etag);
        if !condition.holds(current.as_deref()) {
            return Ok(PutResult::ConditionFailed);
        }
        let file = MetadataFile { sha256, metadata: object.metadata.clone() };
        write_durably(&self.metadata_path(key), &serde_json::to_vec_pretty(&file)?)?;
        write_durably(&self.root.join(key), &object.body.clone().into_bytes())?;
        Ok(PutResult::Stored)
    }

    /// Adds the keys of all objects in `folder` and below it.
    fn add_keys(&self, folder: &str, keys: &mut Vec<String>) -> io::Result<()> {
        let entries = match fs::read_dir(self.root.join(folder)) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            // Metadata, and files that are being written. A key's segments never begin with a dot.
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            let key = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            if entry.file_type()?.is_dir() {
                self.add_keys(&key, keys)?;
            } else {
                keys.push(key);
            }
        }
        Ok(())
    }

    fn metadata_path(&self, key: &str) -> PathBuf {
        self.root.join(METADATA_FOLDER).join(format!("{key}.json"))
    }
}

/// The folder below the root that holds the metadata files, and the lock.
const METADATA_FOLDER: &str = ".rollcall";

fn read_if_present(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[async_trait]
impl ObjectStore for FolderStore {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        Ok(self.read(key).map_err(failure)?.map(|object| object.head))
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        self.read(key).map_err(failure)
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<KeyPage, StoreError> {
        let folder = prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut keys = Vec::new();
        self.add_keys(folder, &mut keys).map_err(failure)?;
        keys.retain(|key| key.starts_with(prefix));
        keys.sort();
        Ok(KeyPage::of(keys.into_iter(), after))
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError> {
        self.write(key, &object, object.checked()?, &condition).map_err(failure)
    }
}

/// A folder does not mend itself: whatever fails, a person must look.
fn failure(error: io::Error) -> StoreError {
    StoreError::Refused { code: error.kind().to_string() }
}
