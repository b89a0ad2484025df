//! The file of an index: where it lies, who may read it, and when it is begun anew.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use shared::digest::sha256_hex;
use shared::env::Env;

use super::IndexError;

/// The version of `schema.sql`, and of how a record tells its person: what is changed needs another number.
const SCHEMA_VERSION: i64 = 4;

/// What SQLite knows the file by: `Roll` in ASCII.
const APPLICATION_ID: i64 = 0x526F_6C6C;

const SCHEMA: &str = concat!(include_str!("schema.sql"), include_str!("views.sql"));

/// How many statements a connection keeps that need not be parsed again: more than there are.
const STATEMENTS: usize = 128;

/// For how long a statement waits for another process.
const BUSY: Duration = Duration::from_secs(30);

/// Where the index of the archive at an address lies: in the user's folder of caches. `None`: there is no such folder.
pub(super) fn file_of(archive: &str, env: &impl Env) -> Option<PathBuf> {
    let caches = env.get("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let in_home = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    let caches = caches.or_else(|| Some(PathBuf::from(env.get("HOME")?).join(in_home)))?;
    Some(caches.join("rollcall").join(format!("{}.sqlite", sha256_hex(canonical(archive).as_bytes()))))
}

/// The address of an archive, the same however a folder's path is written.
fn canonical(archive: &str) -> String {
    if archive.starts_with("s3://") {
        return archive.trim_end_matches('/').to_owned();
    }
    fs::canonicalize(archive).map_or_else(|_| archive.to_owned(), |path| path.to_string_lossy().into_owned())
}

/// The connection that writes. A file that is of another version, damaged or of something else is begun anew.
pub(super) fn writer(path: &Path) -> Result<Connection, IndexError> {
    create(path).map_err(IndexError::File)?;
    match opened(path) {
        Err(error) if error.is_of_the_file() => {
            remove(path).and_then(|()| create(path)).map_err(IndexError::File)?;
            opened(path)
        }
        opened => opened,
    }
}

/// Keeps other processes from bringing the same index up to date, until it is dropped; waits for one that does.
pub(super) fn lock(path: &Path) -> io::Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock = private().open(name)?;
    lock.lock()?;
    Ok(lock)
}

fn opened(path: &Path) -> Result<Connection, IndexError> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_new = tables == 0;
    if !is_new && (number("user_version")?, number("application_id")?) != (SCHEMA_VERSION, APPLICATION_ID) {
        return Err(IndexError::Foreign);
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A power cut may lose the last transactions, which are derived again, and damages nothing.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -64 * 1024)?;
    // Who was erased from the archive is gone from the file, too: its pages and those of the search keep nothing.
    connection.pragma_update(None, "secure_delete", true)?;
    if is_new {
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        ))?;
    }
    Ok(connection)
}

/// A connection that reads.
pub(super) fn reader(path: &Path) -> Result<Connection, IndexError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    Ok(connection)
}

/// Makes an empty file that nobody else may read, and its folder, where there is none.
fn create(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    // SQLite gives the files beside it the same mode.
    private().open(path).map(|_| ())
}

/// How a file is opened that nobody else may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Removes the index, and the files that SQLite keeps beside it.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}
