//! Lists the archive page by page beside what is known of it, and has read what is new or has changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared::ports::store::{ObjectVersion, StoreError, VersionPage, VersionedStore};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinError, JoinSet};

use super::change::Change;
use super::progress::Progress;
use super::reading::read;
use crate::index::{Index, IndexError};

/// How many objects are read at a time, which wait for an answer of S3.
const OBJECTS: usize = 32;

/// How many KiB are read at a time; a larger object is read alone.
const KIBIBYTES: u32 = 64 << 10;

/// A list of the archive that is under way.
pub(super) struct Listing<'a> {
    index: &'a Index,
    store: Arc<dyn VersionedStore>,
    changes: mpsc::Sender<Change>,
    progress: &'a (dyn Fn(Progress) + Send + Sync),
    so_far: Progress,
    objects: Arc<Semaphore>,
    kibibytes: Arc<Semaphore>,
    reads: JoinSet<Result<(), StoreError>>,
}

impl<'a> Listing<'a> {
    pub(super) fn new(
        index: &'a Index,
        store: Arc<dyn VersionedStore>,
        changes: mpsc::Sender<Change>,
        progress: &'a (dyn Fn(Progress) + Send + Sync),
    ) -> Self {
        Self {
            index,
            store,
            changes,
            progress,
            so_far: Progress::default(),
            objects: Arc::new(Semaphore::new(OBJECTS)),
            kibibytes: Arc::new(Semaphore::new(KIBIBYTES as usize)),
            reads: JoinSet::new(),
        }
    }

    /// Lists what lies below a prefix to its end.
    pub(super) async fn run(&mut self, prefix: &str) -> Result<(), IndexError> {
        let mut after: Option<String> = None;
        loop {
            let page = self.store.list_versions(prefix, after.as_deref()).await.map_err(IndexError::Store)?;
            let next = page.next.clone();
            self.compare(prefix, after.as_deref(), page).await?;
            (self.progress)(self.so_far);
            match next {
                // A store that goes round in a circle would be listed for ever.
                Some(next) if after.as_ref().is_none_or(|after| *after < next) => after = Some(next),
                _ => return Ok(()),
            }
        }
    }

    /// Waits until everything is read.
    pub(super) async fn finish(&mut self) -> Result<(), IndexError> {
        while let Some(read) = self.reads.join_next().await {
            read_one(read)?;
            self.so_far.read += 1;
            if self.so_far.read.is_multiple_of(100) {
                (self.progress)(self.so_far);
            }
        }
        (self.progress)(self.so_far);
        Ok(())
    }

    /// Reads what a page has and the index has not, and has forgotten what the index has and the page has not.
    async fn compare(
        &mut self,
        prefix: &str,
        after: Option<&str>,
        page: VersionPage,
    ) -> Result<(), IndexError> {
        let mut known = self.known(prefix, after, page.next.as_deref())?;
        self.so_far.listed += page.objects.len() as u64;
        for object in page.objects {
            if known.remove(&object.key).as_ref() != Some(&object.version) {
                self.read(object).await?;
            }
        }
        for key in known.into_keys() {
            self.changes.send(Change::Gone(key)).await.map_err(|_| IndexError::Stopped)?;
        }
        Ok(())
    }

    /// What the index has of a prefix after one key and up to another.
    fn known(
        &self,
        prefix: &str,
        after: Option<&str>,
        upto: Option<&str>,
    ) -> Result<BTreeMap<String, String>, IndexError> {
        self.index.read(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT key, version FROM objects WHERE key > ?1 AND key <= ?2 ORDER BY key",
            )?;
            // No key's character sorts behind it.
            let end = format!("{prefix}\u{10ffff}");
            let bounds = (after.unwrap_or(prefix), upto.unwrap_or(&end));
            let rows = statement.query_map(bounds, |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
    }

    async fn read(&mut self, object: ObjectVersion) -> Result<(), IndexError> {
        while let Some(read) = self.reads.try_join_next() {
            read_one(read)?;
            self.so_far.read += 1;
        }
        let kibibytes = u32::try_from(object.size_bytes >> 10).unwrap_or(u32::MAX).clamp(1, KIBIBYTES);
        let one = self.objects.clone().acquire_owned().await;
        let bytes = self.kibibytes.clone().acquire_many_owned(kibibytes).await;
        let (Ok(one), Ok(bytes)) = (one, bytes) else { return Err(IndexError::Stopped) };
        if self.changes.is_closed() {
            return Err(IndexError::Stopped);
        }
        let (store, changes) = (self.store.clone(), self.changes.clone());
        self.reads.spawn_blocking(move || read(&store, object, &changes, [one, bytes]));
        Ok(())
    }
}

fn read_one(read: Result<Result<(), StoreError>, JoinError>) -> Result<(), IndexError> {
    read.map_err(|_| IndexError::Stopped)?.map_err(IndexError::Store)
}
