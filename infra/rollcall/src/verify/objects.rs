//! The objects of an archive against what is expected of them.

use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use shared::archive::manifests::{COVERED, expires, group_of};
use shared::digest::sha256_hex;
use shared::ports::store::{ObjectVersion, StoreError, VersionedStore};

use super::findings::{Findings, What};
use super::manifests::Expectations;
use super::roots::Roots;

/// So many objects are read at once.
const AT_ONCE: usize = 16;
/// A walk may pass by what is written while it begins: clocks differ.
const NEAR: SignedDuration = SignedDuration::from_hours(1);

/// Reads every object that a manifest names, and tells of those that none does.
pub(super) async fn compare(
    store: &dyn VersionedStore,
    (roots, mut expected): (&Roots, Expectations),
    findings: &mut Findings,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<(), StoreError> {
    let mut there = Vec::new();
    for prefix in COVERED {
        for object in list(store, prefix).await? {
            expected.erasures.remove(&object.key);
            match expected.objects.remove(&object.key) {
                Some((sha256, _)) => there.push((object.key, sha256)),
                None if expected.unknown_groups.contains(&group_of(&object.key)) => {}
                None if was_there_at_the_walk(roots, &object) => findings.add(What::Added, object.key),
                None => findings.add(What::Pending, object.key),
            }
        }
    }
    for (key, (_, archived_at)) in expected.objects {
        let has_expired = expires(&key) && roots.expired_before.is_some_and(|before| archived_at < before);
        findings.add(if has_expired { What::Expired } else { What::Removed }, key);
    }
    for key in expected.erasures {
        findings.add(What::Removed, key);
    }
    read(store, there, findings, progress).await
}

async fn read(
    store: &dyn VersionedStore,
    objects: Vec<(String, String)>,
    findings: &mut Findings,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<(), StoreError> {
    let (mut number, of) = (0, objects.len());
    let objects = objects.into_iter().map(async |(key, sha256)| {
        let object = store.get(&key).await?;
        let found = object.map(|object| sha256_hex(&object.body));
        Ok::<_, StoreError>((key, found.map(|found| found == sha256)))
    });
    let mut objects = stream::iter(objects).buffer_unordered(AT_ONCE);
    while let Some(object) = objects.next().await {
        match object? {
            (_, Some(true)) => findings.intact += 1,
            (key, Some(false)) => findings.add(What::Changed, key),
            (key, None) => findings.add(What::Removed, key),
        }
        number += 1;
        progress(number, of);
    }
    Ok(())
}

/// Whether an object is so old that the last walk over the archive has seen it.
fn was_there_at_the_walk(roots: &Roots, object: &ObjectVersion) -> bool {
    match (roots.walk_began, object.written_at) {
        (Some(began), Some(written_at)) => began.duration_since(written_at) > NEAR,
        _ => false,
    }
}

async fn list(store: &dyn VersionedStore, prefix: &str) -> Result<Vec<ObjectVersion>, StoreError> {
    let (mut objects, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = store.list_versions(prefix, after.as_deref()).await?;
        objects.extend(page.objects);
        after = page.next;
        if after.is_none() {
            return Ok(objects);
        }
    }
}
