//! One group of objects and its manifest: lines are added for what is new, and none is changed.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use shared::archive::LOOKS_AT_ONCE;
use shared::archive::manifests::{Chain, ManifestLine, RootEntry, expires, manifest_key, read_lines};
use shared::digest::sha256_hex;
use shared::ports::store::{
    Condition, Metadata, NewObject, ObjectBody, ObjectVersion, StoreError, VersionedStore,
};

use super::error::ManifestError;

/// An object that holds JSON lines.
pub(super) fn lines_object(text: impl Into<ObjectBody>) -> NewObject {
    NewObject::new(text, "application/x-ndjson", Metadata::default())
}

/// The chain, and what is added to it.
pub(super) struct Extension<'a> {
    pub(super) store: &'a dyn VersionedStore,
    pub(super) chain: Chain,
    /// The manifests that grew, by their groups.
    pub(super) grown: BTreeMap<String, RootEntry>,
    /// The groups of which the archive has an object.
    pub(super) seen: BTreeSet<String>,
    pub(super) lines: usize,
    pub(super) gone: usize,
}

impl<'a> Extension<'a> {
    pub(super) fn new(store: &'a dyn VersionedStore, chain: Chain) -> Self {
        let (grown, seen) = Default::default();
        Self { store, chain, grown, seen, lines: 0, gone: 0 }
    }

    /// Whether the object of a last line must be in the archive: it was not taken away by an erasure, and cannot have expired.
    pub(super) fn must_be_there(&self, line: &ManifestLine) -> bool {
        let kept_from = self.chain.expired_before.filter(|_| expires(&line.key));
        line.sha256.is_some() && kept_from.is_none_or(|kept_from| line.archived_at >= kept_from)
    }

    /// Adds a line to the manifest of `group` for each of its objects that has another version than in its last line.
    pub(super) async fn extend_group(
        &mut self,
        group: &str,
        objects: Vec<ObjectVersion>,
    ) -> Result<(), ManifestError> {
        self.seen.insert(group.to_owned());
        let manifest = self.manifest(group).await?;
        let known = last_lines(group, &manifest)?;
        self.gone += self.gone(&known, &objects);
        let is_new =
            |object: &ObjectVersion| known.get(&object.key).is_none_or(|line| line.version != object.version);
        let store = self.store;
        let lines: Vec<_> =
            objects.into_iter().filter(is_new).map(|object| line(store, object.key)).collect();
        let lines: Vec<_> = stream::iter(lines).buffered(LOOKS_AT_ONCE).try_collect().await?;
        let lines = lines.into_iter().flatten().filter(|line| tells_more(line, known.get(&line.key)));
        let lines: Vec<ManifestLine> = lines.collect();
        if lines.is_empty() { Ok(()) } else { self.write(group, manifest, &lines).await }
    }

    /// The manifest of `group` as the chain or this step has it; empty where there is none.
    pub(super) async fn manifest(&self, group: &str) -> Result<Vec<u8>, ManifestError> {
        let Some(entry) = self.entry(group) else { return Ok(Vec::new()) };
        let object = self.store.get(&manifest_key(group, &entry.sha256)).await?;
        let body =
            object.map(|object| object.body.into()).filter(|body: &Vec<u8>| sha256_hex(body) == entry.sha256);
        body.ok_or_else(|| ManifestError::Damaged(group.to_owned()))
    }

    fn entry(&self, group: &str) -> Option<&RootEntry> {
        self.grown.get(group).or_else(|| self.chain.latest.get(group))
    }

    fn gone(&self, known: &BTreeMap<String, ManifestLine>, objects: &[ObjectVersion]) -> usize {
        let listed: BTreeSet<&str> = objects.iter().map(|object| object.key.as_str()).collect();
        let is_gone = |line: &&ManifestLine| self.must_be_there(line) && !listed.contains(line.key.as_str());
        known.values().filter(is_gone).count()
    }

    async fn write(
        &mut self,
        group: &str,
        mut text: Vec<u8>,
        lines: &[ManifestLine],
    ) -> Result<(), ManifestError> {
        for line in lines {
            let json = line.to_json().map_err(|_| ManifestError::Damaged(group.to_owned()))?;
            text.extend_from_slice(json.as_bytes());
        }
        let before = self.entry(group).map_or(0, |entry| entry.lines);
        let entry = RootEntry {
            group: group.to_owned(),
            sha256: sha256_hex(&text),
            size_bytes: text.len() as u64,
            lines: before + lines.len() as u64,
        };
        // What has this key has these bytes.
        let _ = self
            .store
            .put(&manifest_key(group, &entry.sha256), lines_object(text), Condition::IfAbsent)
            .await?;
        self.lines += lines.len();
        self.grown.insert(group.to_owned(), entry);
        Ok(())
    }
}

/// The last line of each object in a manifest, by its key.
pub(super) fn last_lines(
    group: &str,
    manifest: &[u8],
) -> Result<BTreeMap<String, ManifestLine>, ManifestError> {
    let lines = read_lines(manifest).map_err(|_| ManifestError::Damaged(group.to_owned()))?;
    Ok(lines.into_iter().map(|line| (line.key.clone(), line)).collect())
}

/// The line of the object at `key` as it is now; `None` where it is gone.
async fn line(store: &dyn VersionedStore, key: String) -> Result<Option<ManifestLine>, StoreError> {
    let Some(facts) = store.facts(&key).await? else { return Ok(None) };
    let sha256 = match facts.sha256 {
        Some(sha256) => sha256,
        // Not written by Rollcall, or by an old one.
        None => {
            let Some(object) = store.get(&key).await? else { return Ok(None) };
            if object.head.etag != facts.version {
                return Err(StoreError::Unavailable { code: "the object has changed meanwhile".to_owned() });
            }
            sha256_hex(&object.body)
        }
    };
    Ok(Some(ManifestLine {
        key,
        sha256: Some(sha256),
        size_bytes: facts.size_bytes,
        version: facts.version,
        version_id: facts.version_id,
        archived_at: facts.written_at,
        erasure: facts.metadata.get("erasure").cloned(),
    }))
}

/// Whether a line tells more than the last one of its object. Where no versions are kept, the same bytes that were written
/// again (or copied with their folder) are no news.
fn tells_more(line: &ManifestLine, last: Option<&ManifestLine>) -> bool {
    let facts = |line: &ManifestLine| (line.sha256.clone(), line.version_id.clone(), line.erasure.clone());
    last.is_none_or(|last| facts(line) != facts(last))
}
