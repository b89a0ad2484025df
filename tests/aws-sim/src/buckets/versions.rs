//! The versions of the objects in a bucket, in lists and when they are deleted.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html>

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use s3s::dto::*;
use s3s::{S3Result, s3_error};

use super::{Bucket, KEYS_A_PAGE, Stored};

/// The id of the version of an object in a bucket without versions.
pub(super) const NULL: &str = "null";

/// A version that is not the latest, or a delete marker.
pub(super) enum Older {
    Stored(Arc<Stored>),
    Marker { version: String, at: Timestamp },
}

/// All versions of all keys that are not objects now, the newest first.
pub(super) type OlderVersions = BTreeMap<String, Vec<Older>>;

/// A version or marker in a list.
enum Entry {
    Version(ObjectVersion),
    Marker(DeleteMarkerEntry),
}

impl Older {
    fn version(&self) -> &str {
        match self {
            Self::Stored(stored) => &stored.version,
            Self::Marker { version, .. } => version,
        }
    }
}

impl Bucket {
    /// The id of a version that is written now. They have no order.
    pub(super) fn next_version(&mut self) -> String {
        if !self.is_versioned {
            return NULL.to_owned();
        }
        self.versions += 1;
        format!("v{:x}", self.versions.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// Makes an object the latest version of its key.
    pub(super) fn write(&mut self, key: String, stored: Stored) {
        let before = self.objects.insert(key.clone(), Arc::new(stored));
        if let Some(before) = before.filter(|_| self.is_versioned) {
            self.older.entry(key).or_default().insert(0, Older::Stored(before));
        }
    }

    /// A version by its id; without one the latest.
    pub(super) fn version(&self, key: &str, version: Option<&String>) -> S3Result<Arc<Stored>> {
        let latest = self.objects.get(key);
        let Some(version) = version else { return latest.cloned().ok_or_else(|| s3_error!(NoSuchKey)) };
        if let Some(latest) = latest.filter(|latest| latest.version == *version) {
            return Ok(Arc::clone(latest));
        }
        match self.older.get(key).into_iter().flatten().find(|older| older.version() == version) {
            Some(Older::Stored(stored)) => Ok(Arc::clone(stored)),
            Some(Older::Marker { .. }) => Err(s3_error!(MethodNotAllowed)),
            None => Err(s3_error!(NoSuchVersion)),
        }
    }

    /// Puts a legal hold on a version, or lifts it.
    pub(super) fn hold(&mut self, key: &str, version: Option<&String>, is_held: bool) -> S3Result<()> {
        if !self.locks_objects {
            return Err(s3_error!(InvalidRequest, "Bucket is missing Object Lock Configuration"));
        }
        let held = Arc::new(Stored { is_held, ..Stored::clone(&*self.version(key, version)?) });
        match self.objects.get_mut(key).filter(|latest| latest.version == held.version) {
            Some(latest) => *latest = held,
            None => {
                for older in self.older.get_mut(key).into_iter().flatten() {
                    if older.version() == held.version {
                        *older = Older::Stored(Arc::clone(&held));
                    }
                }
            }
        }
        Ok(())
    }

    /// Deletes a version, or hides the object where none is named.
    pub(super) fn delete(&mut self, object: &ObjectIdentifier, may_bypass: bool) -> S3Result<()> {
        let key = &object.key;
        let Some(version) = &object.version_id else {
            let version = self.next_version();
            let before = self.objects.remove(key);
            if self.is_versioned {
                let older = self.older.entry(key.clone()).or_default();
                before.into_iter().for_each(|before| older.insert(0, Older::Stored(before)));
                older.insert(0, Older::Marker { version, at: SystemTime::now().into() });
            }
            return Ok(());
        };
        if let Ok(stored) = self.version(key, Some(version)) {
            stored.may_go(may_bypass)?;
        }
        self.objects.retain(|other, latest| other != key || latest.version != *version);
        if let Some(older) = self.older.get_mut(key) {
            older.retain(|older| older.version() != version);
        }
        self.promote(key);
        Ok(())
    }

    /// Makes the newest version the latest, where that was deleted.
    fn promote(&mut self, key: &str) {
        if self.objects.contains_key(key) {
            return;
        }
        let Some(older) = self.older.get_mut(key) else { return };
        match older.first() {
            Some(Older::Stored(stored)) => {
                let stored = Arc::clone(stored);
                older.remove(0);
                self.objects.insert(key.to_owned(), stored);
            }
            Some(Older::Marker { .. }) => {}
            None => drop(self.older.remove(key)),
        }
    }

    /// All versions of a key, the latest first.
    fn entries(&self, key: &str) -> Vec<(String, Entry)> {
        let latest = self.objects.get(key);
        let mut entries: Vec<_> = latest.into_iter().map(|stored| entry_of(key, stored, true)).collect();
        for older in self.older.get(key).into_iter().flatten() {
            let is_latest = entries.is_empty();
            entries.push(match older {
                Older::Stored(stored) => entry_of(key, stored, false),
                Older::Marker { version, at } => {
                    let marker = DeleteMarkerEntry {
                        key: Some(key.to_owned()),
                        version_id: Some(version.clone()),
                        is_latest: Some(is_latest),
                        last_modified: Some(at.clone()),
                        ..DeleteMarkerEntry::default()
                    };
                    (version.clone(), Entry::Marker(marker))
                }
            });
        }
        entries
    }

    /// A page of all versions. Where it ends within a key, the next one goes on behind its last version.
    pub(super) fn versions_page(&self, input: ListObjectVersionsInput) -> ListObjectVersionsOutput {
        let prefix = input.prefix.clone().unwrap_or_default();
        let from = input.key_marker.clone().unwrap_or_default();
        let keys = self.objects.keys().chain(self.older.keys());
        let mut keys: Vec<&String> = keys.filter(|key| key.starts_with(&prefix) && **key >= from).collect();
        keys.sort_unstable();
        keys.dedup();
        let most = input.max_keys.unwrap_or(KEYS_A_PAGE).clamp(0, KEYS_A_PAGE) as usize;
        let mut output = ListObjectVersionsOutput {
            is_truncated: Some(false),
            name: Some(input.bucket),
            prefix: input.prefix,
            versions: Some(Vec::new()),
            delete_markers: Some(Vec::new()),
            ..ListObjectVersionsOutput::default()
        };
        let mut listed = 0;
        for key in keys {
            let mut entries = self.entries(key);
            if *key == from {
                let after = input.version_id_marker.as_ref();
                let place = after.and_then(|after| entries.iter().position(|(version, _)| version == after));
                // Without a version the key is behind already.
                entries.drain(..place.map_or(entries.len(), |place| place + 1));
            }
            for (version, entry) in entries {
                if listed == most {
                    output.is_truncated = Some(true);
                    return output;
                }
                listed += 1;
                (output.next_key_marker, output.next_version_id_marker) = (Some(key.clone()), Some(version));
                match entry {
                    Entry::Version(version) => output.versions.get_or_insert_default().push(version),
                    Entry::Marker(marker) => output.delete_markers.get_or_insert_default().push(marker),
                }
            }
        }
        (output.next_key_marker, output.next_version_id_marker) = (None, None);
        output
    }
}

impl Stored {
    /// Whether it may be deleted: no hold and no lock, or a GOVERNANCE lock that is lifted.
    fn may_go(&self, may_bypass: bool) -> S3Result<()> {
        let mode = self.lock_mode.as_ref().map(ObjectLockMode::as_str);
        let is_bypassed = may_bypass && mode == Some(ObjectLockMode::GOVERNANCE);
        let now = Timestamp::from(SystemTime::now());
        let is_locked = self.locked_until.as_ref().is_some_and(|until| *until > now) && !is_bypassed;
        if self.is_held || is_locked {
            return Err(s3_error!(AccessDenied, "Access Denied because object protected by object lock."));
        }
        Ok(())
    }
}

fn entry_of(key: &str, stored: &Stored, is_latest: bool) -> (String, Entry) {
    let version = ObjectVersion {
        key: Some(key.to_owned()),
        version_id: Some(stored.version.clone()),
        is_latest: Some(is_latest),
        e_tag: Some(stored.etag.clone()),
        last_modified: Some(stored.modified.clone()),
        size: Some(stored.body.len() as i64),
        ..ObjectVersion::default()
    };
    (stored.version.clone(), Entry::Version(version))
}
