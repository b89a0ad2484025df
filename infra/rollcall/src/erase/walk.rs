//! A walk over all versions of all objects, a few at a time.

use futures_util::future::join_all;
use shared::ports::store::StoreError;

use crate::versions::{Listed, Version, Versions};

/// So many versions are read at once.
const AT_ONCE: usize = 16;
/// So many bytes are read at once; a larger version is read alone.
const BYTES_AT_ONCE: u64 = 8 << 20;

/// What looks at each version. A version that the store refuses is shown without bytes.
pub(super) trait Visitor: Send {
    /// Whether the objects with this key are to be read.
    fn wants(&self, key: &str) -> bool;

    /// Looks at a version. Those of one key come one after another, the latest first.
    fn visit(&mut self, listed: &Listed, version: Option<&Version>);
}

/// Shows each version to `visitor`, but for delete markers; `progress` is told how many there were.
pub(super) async fn walk(
    versions: &dyn Versions,
    visitor: &mut dyn Visitor,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<(), StoreError> {
    let (mut after, mut number) = (None, 0);
    loop {
        let page = versions.list("", after.as_ref()).await?;
        let is_wanted = |one: &Listed| !one.is_marker && visitor.wants(&one.name.key);
        let wanted: Vec<Listed> = page.versions.into_iter().filter(is_wanted).collect();
        for some in at_once(&wanted) {
            read(versions, some, visitor).await?;
            number += some.len() as u64;
            progress(number);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

async fn read(versions: &dyn Versions, some: &[Listed], visitor: &mut dyn Visitor) -> Result<(), StoreError> {
    let read = some.iter().map(|one| versions.get(&one.name.key, one.name.version.as_deref()));
    for (listed, version) in some.iter().zip(join_all(read).await) {
        match version {
            Ok(Some(version)) => visitor.visit(listed, Some(&version)),
            // It is gone again.
            Ok(None) => {}
            Err(StoreError::Refused { .. }) => visitor.visit(listed, None),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The versions of a page in groups that are read at once.
fn at_once(mut versions: &[Listed]) -> Vec<&[Listed]> {
    let mut groups = Vec::new();
    while !versions.is_empty() {
        let mut bytes = 0_u64;
        let fits = versions.iter().take(AT_ONCE).take_while(|one| {
            bytes = bytes.saturating_add(one.size_bytes);
            bytes <= BYTES_AT_ONCE
        });
        let (group, others) = versions.split_at(fits.count().max(1));
        groups.push(group);
        versions = others;
    }
    groups
}
