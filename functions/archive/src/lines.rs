//! The lines that are made of an artifact's current version, for SQL.
//!
//! Derived, and made again whenever another version is current. Each object carries the SHA-256 of the
//! version that it was made of.

use shared::ports::store::{Condition, NewObject, ObjectStore, PutResult, StoreError};

use crate::ArchiveError;
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
    mut version: ArtifactVersion<'_>,
    result: ArchiveResult,
    mut current: Current,
) -> Result<(), ArchiveError> {
    let Some(key) = version.place.lines().map(str::to_owned) else { return Ok(()) };
    // A new artifact has no lines yet: no need to look.
    let mut condition = match result {
        ArchiveResult::New => Some(Condition::IfAbsent),
        ArchiveResult::Known | ArchiveResult::Richer | ArchiveResult::Poorer => {
            missing(store, &key, &version, &mut current).await?
        }
        ArchiveResult::Erased => return Ok(()),
    };
    for _ in 0..TRIES {
        let Some(allowed) = condition else { return Ok(()) };
        let lines = object(&mut version, result, &current)?;
        if store.put(&key, lines, allowed).await? == PutResult::Stored {
            return Ok(());
        }
        current.read_again(store, &version).await?;
        condition = missing(store, &key, &version, &mut current).await?;
    }
    Err(StoreError::Unavailable { code: "others write the same lines".to_owned() }.into())
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
    let named = head.metadata.get("sha256").map(String::as_str);
    let are_of = |current: &Current| named == Some(current.sha256(version));
    if are_of(current) {
        return Ok(None);
    }
    current.read_again(store, version).await?;
    Ok(if are_of(current) { None } else { Some(Condition::IfMatch(head.etag)) })
}

fn object(
    version: &mut ArtifactVersion<'_>,
    result: ArchiveResult,
    current: &Current,
) -> Result<NewObject, ArchiveError> {
    let metadata = [("sha256".to_owned(), current.sha256(version).to_owned())].into();
    let lines = match current {
        Current::Own => {
            // The archive has the same version already, so the store has not compared these bytes.
            if result == ArchiveResult::Known {
                version.compare()?;
            }
            version.own_lines()
        }
        Current::Archived { body, .. } => version.lines_of(body),
    };
    Ok(NewObject::derived(lines.map_err(|_| unreadable())?, "application/x-ndjson", metadata))
}

fn unreadable() -> StoreError {
    StoreError::Refused { code: "the archived version cannot be read".to_owned() }
}
