//! The lines that are made of an artifact's current version, for SQL.
//!
//! Derived, and made again whenever another version is current. Each object carries the SHA-256 of the
//! version that it was made of.

use shared::ports::store::{Condition, NewObject, ObjectStore, PutResult, StoreError};

use crate::artifact::ArtifactVersion;
use crate::versions::{ArchiveResult, Current};

/// How often a write is tried whose condition fails because of other writers.
const TRIES: usize = 10;

/// Makes sure that the lines are those of the current version, where the artifact has lines.
///
/// Whoever changes the current version comes here afterwards, and a write whose condition failed reads again
/// what is current: so the last writer leaves the lines of the last version.
pub(crate) async fn store_lines(
    store: &dyn ObjectStore,
    version: &ArtifactVersion<'_>,
    result: ArchiveResult,
    mut current: Current,
) -> Result<(), StoreError> {
    let Some(key) = version.place.lines() else { return Ok(()) };
    // A new artifact has no lines yet: no need to look.
    let mut condition = match result {
        ArchiveResult::New => Some(Condition::IfAbsent),
        ArchiveResult::Known | ArchiveResult::Richer | ArchiveResult::Poorer => {
            missing(store, key, version, &mut current).await?
        }
    };
    for _ in 0..TRIES {
        let Some(allowed) = condition else { return Ok(()) };
        if store.put(key, object(version, &current)?, allowed).await? == PutResult::Stored {
            return Ok(());
        }
        current.read_again(store, version).await?;
        condition = missing(store, key, version, &mut current).await?;
    }
    Err(StoreError::Unavailable { code: "others write the same lines".to_owned() })
}

/// How the lines of the current version may be written; `None` if they exist.
///
/// Lines of another version may be newer than `current`, which was read before them: then it is read again, so that
/// the write that their etag allows never brings back what is no longer current.
async fn missing(
    store: &dyn ObjectStore,
    key: &str,
    version: &ArtifactVersion<'_>,
    current: &mut Current,
) -> Result<Option<Condition>, StoreError> {
    let Some(head) = store.head(key).await? else { return Ok(Some(Condition::IfAbsent)) };
    let are_of = |current: &Current| head.metadata.get("sha256") == Some(&current.sha256);
    if are_of(current) {
        return Ok(None);
    }
    current.read_again(store, version).await?;
    Ok(if are_of(current) { None } else { Some(Condition::IfMatch(head.etag)) })
}

fn object(version: &ArtifactVersion<'_>, current: &Current) -> Result<NewObject, StoreError> {
    let unreadable = || StoreError::Refused { code: "the archived version cannot be read".to_owned() };
    let lines = version.lines_of(&current.body).map_err(|_| unreadable())?;
    let metadata = [("sha256".to_owned(), current.sha256.clone())].into();
    Ok(NewObject::new(lines, "application/x-ndjson", metadata))
}
