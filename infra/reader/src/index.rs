//! The index: SQLite, in the user's cache folder, derived from the archive and safe to delete.
//!
//! Queries read while a refresh writes: each has a connection of its own, and sees the last transaction that was committed.

mod archived;
mod file;
mod queries;
mod refresh;
mod rows;
#[cfg(test)]
mod tests;
mod types;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::Connection;
use shared::env::Env;
use shared::ports::store::{StoreError, VersionedStore};

pub use queries::Unreadable;
pub use refresh::Progress;
pub use types::{
    Completeness, IndexState, LedgerDay, Page, PersonLine, SeriesLine, SeriesQuery, SessionLine,
    SessionQuery, SessionSort,
};

/// The index of one archive.
pub struct Index {
    path: PathBuf,
    /// Connections that read, and are not in use.
    readers: Mutex<Vec<Connection>>,
    is_refreshing: AtomicBool,
}

/// Why the index gives no answer.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The file cannot be made, or not be removed.
    #[error("the index cannot be written: check the folder of caches and the disk's free space")]
    File(#[source] io::Error),
    /// SQLite gives no answer.
    #[error(
        "the index cannot be used: check the disk's free space, or delete the index, which is built anew"
    )]
    Sqlite(#[from] rusqlite::Error),
    /// The file is of another version, or of something else.
    #[error("the file is no index of this version")]
    Foreign,
    /// The archive gives no answer, or refuses.
    #[error(transparent)]
    Store(StoreError),
    /// The process ends.
    #[error("the index was not brought up to date to the end: start it again, and it goes on")]
    Stopped,
}

impl IndexError {
    /// Whether the file itself is the cause, so that another one in its place mends it.
    fn is_of_the_file(&self) -> bool {
        match self {
            Self::Foreign => true,
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt)
            ),
            _ => false,
        }
    }
}

impl Index {
    /// Opens the index in a file, and begins an empty one where there is none, or one that is damaged, of another version or of
    /// something else.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, IndexError> {
        let path = path.into();
        file::writer(&path)?;
        Ok(Self { path, readers: Mutex::default(), is_refreshing: AtomicBool::new(false) })
    }

    /// Where the index of the archive at an address lies (a folder, or `s3://BUCKET`): in the user's folder of caches. `None`
    /// where the environment names none.
    pub fn file_of(archive: &str, env: &impl Env) -> Option<PathBuf> {
        file::file_of(archive, env)
    }

    /// The file of the index.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Brings the index up to date with the archive: reads what is new or has changed, and forgets what is gone. `now` is kept as
    /// the time of the list. Where it is stopped, the next one goes on.
    ///
    /// # Errors
    /// The archive gives no answer; what was read until then is kept. Or the index cannot be written.
    pub async fn refresh(
        &self,
        store: Arc<dyn VersionedStore>,
        now: Timestamp,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<(), IndexError> {
        if self.is_refreshing.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let done = Refreshing(&self.is_refreshing);
        let refreshed = refresh::refresh(self, store, now, progress).await;
        drop(done);
        refreshed
    }

    /// Reads with a connection of its own, in one transaction.
    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, IndexError> {
        let free = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match free {
            Some(connection) => connection,
            None => file::reader(&self.path)?,
        };
        connection.execute_batch("BEGIN")?;
        let answer = query(&connection);
        connection.execute_batch("COMMIT")?;
        self.readers.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(answer?)
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Index").finish_non_exhaustive()
    }
}

/// A refresh that is under way, until it is dropped.
struct Refreshing<'a>(&'a AtomicBool);

impl Drop for Refreshing<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
