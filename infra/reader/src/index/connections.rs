//! The index's connections: those that read are kept for the next query.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;
use shared::env::Env;

use super::{IndexError, file};

/// The index of one archive.
pub struct Index {
    path: PathBuf,
    /// Connections that read, and are not in use.
    readers: Mutex<Vec<Connection>>,
    /// Whether a refresh of this process is under way.
    pub(super) is_refreshing: AtomicBool,
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
