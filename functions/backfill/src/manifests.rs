//! Manifests: what is new in the archive is named by its SHA-256, and a root is added to the chain.
//!
//! ```text
//! lists of the archive, group by group ─▶ HEAD of what is new ─▶ longer manifests ─▶ one root, if nobody else wrote it
//! ```
//!
//! A walk ends where its time is up, with a root over what it saw, and goes on in another unit. A manifest's key holds its
//! SHA-256, and it counts from the root on that names it: whatever is written before that can be written again.

mod error;
mod group;

use std::mem;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use shared::archive::manifests::{COVERED, Chain, Root, RootHeader, RootSigner, group_of, root_key};
use shared::digest::sha256_hex;
use shared::ports::clock::Clock;
use shared::ports::store::{Condition, ObjectVersion, PutResult, VersionedStore};

pub use error::ManifestError;
use group::{Extension, lines_object};

/// A root tells what may have expired until the next one is written.
const UNTIL_THE_NEXT_WALK: SignedDuration = SignedDuration::from_hours(24);

/// What manifests are written with.
#[derive(Clone)]
pub struct ManifestStore {
    /// The archive that they are of.
    pub store: Arc<dyn VersionedStore>,
    /// Who signs the roots; `None`: nobody.
    pub signer: Option<Arc<dyn RootSigner>>,
    /// How long its objects are kept; `None`: for ever.
    pub retention: Option<SignedDuration>,
}

/// A walk over the archive, or what is left of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// When it began (UTC).
    pub began: Timestamp,
    /// The key after which it goes on; `None` at the beginning.
    pub after: Option<String>,
    /// Whether its end is told by a root also where nothing is new.
    pub always_ends_with_root: bool,
}

/// What one step of a walk did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The key after which the walk goes on; `None`: it has ended.
    pub after: Option<String>,
    /// The number of the root that was written; `None` where there was nothing to tell.
    pub root: Option<u64>,
    /// The SHA-256 of the last root of the chain, in hex; `None` where there is none.
    pub last_sha256: Option<String>,
    /// How many lines were added to manifests.
    pub lines: usize,
    /// How many objects manifests name that the archive no longer has, though none of them can have expired.
    pub gone: usize,
}

/// Walks over the archive until `until` or its end, extends the manifests and writes a root over them.
///
/// # Errors
/// The archive or the key gave no answer, or what is there was changed. The step may be taken again.
pub async fn extend(
    ManifestStore { store, signer, retention }: &ManifestStore,
    clock: &dyn Clock,
    walk: &Walk,
    until: Timestamp,
) -> Result<Step, ManifestError> {
    let mut chain = Chain::read(&**store).await?;
    let expired_before = retention.map(|retention| walk.began - retention + UNTIL_THE_NEXT_WALK);
    chain.expired_before = chain.expired_before.max(expired_before);
    let mut extension = Extension::new(&**store, chain);
    let after = extension.walk(walk.after.as_deref(), || clock.now() >= until).await?;
    let gone =
        extension.gone + extension.gone_with_their_groups(walk.after.as_deref(), after.as_deref()).await?;
    let Extension { chain, grown, lines, .. } = extension;
    let is_told = !grown.is_empty() || (after.is_none() && walk.always_ends_with_root);
    if !is_told {
        return Ok(Step { after, root: None, last_sha256: chain.last_sha256, lines, gone });
    }
    let header = RootHeader {
        root: chain.length + 1,
        previous: chain.last_sha256,
        written_at: clock.now(),
        walk_began: after.is_none().then_some(walk.began),
        expired_before: chain.expired_before,
    };
    let number = header.root;
    let root = Root { header, entries: grown.into_values().collect() };
    let text = root.signed_text(signer.as_deref()).await.map_err(ManifestError::Sign)?;
    let last_sha256 = Some(sha256_hex(text.as_bytes()));
    match store.put(&root_key(number), lines_object(text), Condition::IfAbsent).await? {
        PutResult::Stored => Ok(Step { after, root: Some(number), last_sha256, lines, gone }),
        PutResult::ConditionFailed => Err(ManifestError::Raced),
    }
}

impl Extension<'_> {
    /// Walks over the objects after the key `after`, group by group. The last key that was seen, where the time is up.
    async fn walk(
        &mut self,
        after: Option<&str>,
        is_time_up: impl Fn() -> bool,
    ) -> Result<Option<String>, ManifestError> {
        let (mut objects, mut group) = (Vec::<ObjectVersion>::new(), String::new());
        for prefix in COVERED {
            let Some(mut after) = begin_in(prefix, after) else { continue };
            loop {
                let page = self.store.list_versions(prefix, after.as_deref()).await?;
                for object in page.objects {
                    let next = group_of(&object.key);
                    if next != group && !objects.is_empty() {
                        let last = objects.last().map(|last| last.key.clone());
                        self.extend_group(&group, mem::take(&mut objects)).await?;
                        if is_time_up() {
                            return Ok(last);
                        }
                    }
                    group = next;
                    objects.push(object);
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        if !objects.is_empty() {
            self.extend_group(&group, objects).await?;
        }
        Ok(None)
    }

    /// How many objects are gone with all others of their groups, of which no list tells: between the groups of the keys `after`
    /// and `until`.
    async fn gone_with_their_groups(
        &self,
        after: Option<&str>,
        until: Option<&str>,
    ) -> Result<usize, ManifestError> {
        let (after, until) = (after.map(group_of), until.map(group_of));
        let is_between = |group: &&String| {
            after.as_ref().is_none_or(|after| *group > after)
                && until.as_ref().is_none_or(|until| *group <= until)
        };
        let mut gone = 0;
        for group in self.chain.latest.keys().filter(is_between).filter(|group| !self.seen.contains(*group)) {
            let manifest = self.manifest(group).await?;
            gone +=
                group::last_lines(group, &manifest)?.values().filter(|line| self.must_be_there(line)).count();
        }
        Ok(gone)
    }
}

/// Where the walk that goes on after the key `after` begins in the list of `prefix`: after a key or with the first; `None`
/// where that list is behind it.
fn begin_in(prefix: &str, after: Option<&str>) -> Option<Option<String>> {
    match after {
        Some(after) if after.starts_with(prefix) => Some(Some(after.to_owned())),
        Some(after) if after > prefix => None,
        _ => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_goes_on_in_the_list_where_it_was() {
        let begin = |prefix| begin_in(prefix, Some("reports/v1/x"));
        assert_eq!(begin("events/"), None);
        assert_eq!(begin("reports/"), Some(Some("reports/v1/x".to_owned())));
        assert_eq!(begin("revisions/"), Some(None));
        assert_eq!(begin_in("events/", None), Some(None));
        assert!(COVERED.is_sorted());
    }
}
