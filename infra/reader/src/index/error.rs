//! Why an index gives no answer: its file, SQLite, the archive, or that the process ends.

use std::io;

use shared::ports::store::StoreError;

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
    /// The process ended before all was read; what was written until then is kept.
    #[error("the index was not brought up to date to the end: start it again, and it goes on")]
    Stopped,
}

impl IndexError {
    /// Whether the file itself is the cause, so that another one in its place mends it.
    pub(super) fn is_of_the_file(&self) -> bool {
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
