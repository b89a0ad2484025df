//! The manifests of an archive, and which bytes they let one expect under which key.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use jiff::Timestamp;
use shared::archive::manifests::{ManifestLine, RootEntry, group_of, manifest_key, read_lines, revision_key};
use shared::digest::sha256_hex;
use shared::ports::store::{StoreError, VersionedStore};

use super::findings::{Findings, What};
use super::roots::Roots;

/// What must be in the archive.
#[derive(Debug, Default)]
pub(super) struct Expectations {
    /// The SHA-256 of each object, in hex, and when its last version was archived, by its key.
    pub(super) objects: BTreeMap<String, (String, Timestamp)>,
    /// The groups whose manifests cannot be relied upon: nothing is said of their objects.
    pub(super) unknown_groups: BTreeSet<String>,
    /// The former versions of objects, which must be kept as revisions: key, SHA-256, and when the next one was archived.
    former: Vec<(String, String, Timestamp)>,
    /// The keys of all lines.
    keys: BTreeSet<String>,
    /// The records of erasures that lines name. They must be there, also where no manifest has seen them yet.
    pub(super) erasures: BTreeSet<String>,
}

impl Expectations {
    pub(super) async fn read(
        store: &dyn VersionedStore,
        roots: &Roots,
        findings: &mut Findings,
    ) -> Result<Self, StoreError> {
        let mut all = Self::default();
        for (group, entries) in &roots.manifests {
            match lines(store, group, entries, findings).await? {
                Some(lines) => all.add(lines, findings),
                None => drop(all.unknown_groups.insert(group.clone())),
            }
        }
        findings.manifests = roots.manifests.len() - all.unknown_groups.len();
        all.conclude();
        Ok(all)
    }

    /// Takes the lines of one manifest.
    fn add(&mut self, lines: Vec<ManifestLine>, findings: &mut Findings) {
        let mut versions = BTreeMap::<String, Vec<ManifestLine>>::new();
        for line in lines {
            versions.entry(line.key.clone()).or_default().push(line);
        }
        for (key, mut lines) in versions {
            if let Some(erased) = lines.iter().rposition(|line| line.erasure.is_some()) {
                findings.add(What::Erased, &key);
                self.erasures.extend(lines.iter().filter_map(|line| line.erasure.clone()));
                // What was before it is not kept.
                lines.drain(..erased);
            }
            self.add_versions(&key, &lines, findings);
            self.keys.insert(key);
        }
    }

    /// Takes the versions of one object: the last one is there, and those before it are revisions.
    fn add_versions(&mut self, key: &str, lines: &[ManifestLine], findings: &mut Findings) {
        let Some(last) = lines.last() else { return };
        let Some(current) = last.sha256.clone() else { return };
        for former in
            lines.iter().filter_map(|line| line.sha256.as_ref()).filter(|former| **former != current)
        {
            match revision_key(key, former) {
                Some(revision) => self.former.push((revision, former.clone(), last.archived_at)),
                None => findings.add(What::Changed, key),
            }
        }
        self.objects.insert(key.to_owned(), (current, last.archived_at));
    }

    fn conclude(&mut self) {
        for (key, sha256, archived_at) in std::mem::take(&mut self.former) {
            if !self.keys.contains(&key) && !self.unknown_groups.contains(&group_of(&key)) {
                self.objects.insert(key, (sha256, archived_at));
            }
        }
        // What is expected anyway is told of by its own line.
        self.erasures.retain(|erasure| !self.objects.contains_key(erasure));
    }
}

/// The lines of a group's latest manifest; `None` where it is not as its root names it. It must begin with each of those
/// before it, which need not be kept.
async fn lines(
    store: &dyn VersionedStore,
    group: &str,
    entries: &[RootEntry],
    findings: &mut Findings,
) -> Result<Option<Vec<ManifestLine>>, StoreError> {
    let Some((latest, former)) = entries.split_last() else { return Ok(None) };
    let key = |entry: &RootEntry| manifest_key(group, &entry.sha256);
    let object = store.get(&key(latest)).await?;
    let text = object.map(|object| object.body).filter(|text| is_as_named(text, latest));
    let lines = text.as_ref().and_then(|text| read_lines(text).ok());
    let lines = lines.filter(|lines| lines.iter().all(|line| group_of(&line.key) == group));
    let (Some(text), Some(lines)) = (text, lines) else {
        findings.add(What::Manifest, key(latest));
        return Ok(None);
    };
    for entry in former.iter().filter(|entry| !begins_with(&text, entry)) {
        findings.add(What::Manifest, key(entry));
    }
    Ok(Some(lines))
}

fn is_as_named(text: &Bytes, entry: &RootEntry) -> bool {
    text.len() as u64 == entry.size_bytes && begins_with(text, entry)
}

fn begins_with(text: &Bytes, entry: &RootEntry) -> bool {
    let size = usize::try_from(entry.size_bytes).unwrap_or(usize::MAX);
    text.get(..size).is_some_and(|text| sha256_hex(text) == entry.sha256)
}
