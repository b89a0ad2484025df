//! One object after another: written without the person, then its older versions deleted.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use shared::archive::erasure::{Tombstones, differs_by_markers_alone};
use shared::archive::layout;
use shared::digest::sha256_hex;
use shared::ports::store::{LockMode, Metadata, NewObject, PutResult};

use super::eraser::Archive;
use super::record::{Kept, KeptBy, Record};
use super::survey::{ERASURE, Found};
use super::texts;
use crate::holds::Holds;
use crate::versions::{self, Lock, Refusal, Version, VersionName};

/// How often a write is tried whose condition fails because of other writers.
const TRIES: usize = 10;

/// What an erasure did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counts {
    /// Objects that were written without the person.
    pub objects: usize,
    /// Records that were replaced.
    pub records: usize,
    /// Versions that were deleted.
    pub versions: usize,
    /// What could not be deleted, or not yet.
    pub kept: BTreeSet<Kept>,
}

/// The work on one archive: the bucket or folder itself, or its replica.
pub(super) struct Work<'a> {
    pub(super) archive: &'a Archive,
    pub(super) tenant: &'a str,
    pub(super) record: &'a Record,
    pub(super) tombstones: &'a Tombstones,
    pub(super) holds: &'a Holds,
    pub(super) counts: &'a mut Counts,
}

/// What became of an object.
enum Written {
    /// It has nobody who was erased, and older versions that go.
    Yes,
    /// There is a hold on it, with this name: it stays as it is.
    Held(Option<String>),
    /// It is gone.
    Gone,
}

impl Work<'_> {
    /// Does all that was found. `progress` is told how much of it is done, and of how much.
    pub(super) async fn erase(
        &mut self,
        found: &Found,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> anyhow::Result<()> {
        let of = found.objects.len() + found.staged.len();
        // Versions that a run before left behind.
        self.delete(found.older.clone()).await?;
        // Lines last: they name the hash of what they are made of.
        let (lines, others): (Vec<_>, Vec<_>) =
            found.objects.iter().partition(|object| object.key.ends_with(".jsonl"));
        for (done, object) in others.into_iter().chain(lines).enumerate() {
            let erased = self.erase_object(&object.key).await;
            erased.with_context(|| format!("{} is not done", object.key))?;
            progress(done + 1, of);
        }
        for (done, object) in found.staged.iter().enumerate() {
            let versions = self.versions_of(&object.key, |_| true).await?;
            self.delete(versions).await?;
            progress(found.objects.len() + done + 1, of);
        }
        Ok(())
    }

    async fn erase_object(&mut self, key: &str) -> anyhow::Result<()> {
        match self.write(key).await? {
            Written::Yes => {
                let older = self.versions_of(key, |is_latest| !is_latest).await?;
                self.delete(older).await
            }
            Written::Held(hold) => {
                let kept = Kept { key: key.to_owned(), version: None, why: KeptBy::Hold { hold } };
                self.counts.kept.insert(kept);
                Ok(())
            }
            Written::Gone => Ok(()),
        }
    }

    /// Writes the object without those who were erased, unless it is so already.
    async fn write(&mut self, key: &str) -> anyhow::Result<Written> {
        for _ in 0..TRIES {
            let Some(version) = self.archive.versions.get(key, None).await? else { return Ok(Written::Gone) };
            let Version { object, lock } = version;
            let (metadata, body) = (object.head.metadata, object.body);
            let Some(change) = texts::change(key, &metadata, &body, self.tombstones) else {
                return Ok(Written::Yes);
            };
            let hold = self.holds.of(key).map(str::to_owned);
            if lock.is_held || hold.is_some() {
                return Ok(Written::Held(hold));
            }
            prove(key, &body, &change.text)?;
            let metadata = self.metadata(key, metadata, &change).await?;
            let new = NewObject::new(change.text, content_type(key), metadata);
            let place = (object.head.etag.as_str(), lock.retention);
            if self.archive.versions.replace(key, new, place).await? == PutResult::Stored {
                self.counts.objects += 1;
                self.counts.records += change.pointers.len();
                return Ok(Written::Yes);
            }
        }
        bail!("others write it all the time: go on later with --resume {}", self.record.erasure)
    }

    /// The metadata of before, with the record of the erasure and the SHA-256 of what is left. Lines name that of the version
    /// that they are made of.
    async fn metadata(
        &self,
        key: &str,
        mut metadata: Metadata,
        change: &texts::Change,
    ) -> anyhow::Result<Metadata> {
        let sha256 = if key.ends_with(".jsonl") {
            self.sha256_of_source(&metadata).await?
        } else {
            metadata.contains_key("sha256").then(|| sha256_hex(change.text.as_bytes()))
        };
        metadata.extend(sha256.map(|sha256| ("sha256".to_owned(), sha256)));
        metadata.insert(ERASURE.to_owned(), layout::erasure(self.tenant, &change.erasure));
        Ok(metadata)
    }

    /// The SHA-256 that the version of which lines are made has now; `None` where the plan does not know that version: then
    /// `archive` makes the lines again.
    async fn sha256_of_source(&self, lines: &Metadata) -> anyhow::Result<Option<String>> {
        let source = lines.get("sha256").and_then(|sha256| self.record.key_of(sha256));
        let Some(source) = source else { return Ok(None) };
        let head = self.archive.store.head(source).await?;
        Ok(head.and_then(|head| head.metadata.get("sha256").cloned()))
    }

    /// The versions of one object that are wanted, delete markers among them.
    async fn versions_of(
        &self,
        key: &str,
        is_wanted: impl Fn(bool) -> bool,
    ) -> anyhow::Result<Vec<VersionName>> {
        let listed = versions::of_key(&*self.archive.versions, key).await?;
        Ok(listed.into_iter().filter(|one| is_wanted(one.is_latest)).map(|one| one.name).collect())
    }

    /// Deletes versions, and takes note of those that are kept, and by what.
    async fn delete(&mut self, versions: Vec<VersionName>) -> anyhow::Result<()> {
        let (held, versions): (Vec<_>, Vec<_>) =
            versions.into_iter().partition(|name| self.holds.of(&name.key).is_some());
        for VersionName { key, version } in held {
            let hold = self.holds.of(&key).map(str::to_owned);
            self.counts.kept.insert(Kept { key, version, why: KeptBy::Hold { hold } });
        }
        if versions.is_empty() {
            return Ok(());
        }
        let refused = self.archive.versions.delete(&versions).await?;
        self.counts.versions += versions.len() - refused.len();
        for Refusal { name, code } in refused {
            let version = self.archive.versions.get(&name.key, name.version.as_deref()).await?;
            let why = kept_by(version.map(|version| version.lock).unwrap_or_default(), code);
            self.counts.kept.insert(Kept { key: name.key, version: name.version, why });
        }
        Ok(())
    }
}

/// Compares what is to be written with what was read: all other records must be the same, byte for byte.
fn prove(key: &str, before: &[u8], after: &str) -> anyhow::Result<()> {
    let before = std::str::from_utf8(before)?;
    let shape = texts::shape(key).context("nobody has an entry in such an object")?;
    // serde's text quotes what it read.
    let is_proven = differs_by_markers_alone(before, after, shape).unwrap_or(false);
    if !is_proven {
        bail!("more than the person's records would change, so nothing was written");
    }
    Ok(())
}

fn kept_by(lock: Lock, code: String) -> KeptBy {
    match lock.retention.filter(|retention| retention.mode == LockMode::Compliance) {
        _ if lock.is_held => KeptBy::Hold { hold: None },
        Some(retention) => KeptBy::Lock { until: retention.until },
        None => KeptBy::Refusal { code },
    }
}

fn content_type(key: &str) -> &'static str {
    if key.ends_with(".jsonl") { "application/x-ndjson" } else { "application/json" }
}
