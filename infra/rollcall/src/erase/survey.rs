//! What of an archive names somebody who was erased: objects to write anew, older versions and staged objects to delete.

use std::collections::BTreeSet;

use shared::archive::erasure::Tombstones;
use shared::digest::sha256_hex;
use shared::ports::store::LockMode;

use super::record::{Kept, KeptBy, PlannedObject};
use super::texts;
use super::walk::Visitor;
use crate::versions::{Listed, Version, VersionName};

/// The name of the metadata that names the record of the latest erasure by which an object was changed.
pub(super) const ERASURE: &str = "erasure";

/// What was found.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// The objects of which the latest version is to be replaced.
    pub(super) objects: Vec<PlannedObject>,
    /// Older versions to delete. Those of `objects` are not among them: they go with these.
    pub(super) older: Vec<VersionName>,
    /// How many older versions `objects` have.
    pub(super) older_of_objects: usize,
    /// Objects that wait in `staging/`: they go whole.
    pub(super) staged: Vec<PlannedObject>,
    /// How many records of others stand in `objects`.
    pub(super) others: usize,
    /// What is held, or locked for good until a day, as far as the list tells.
    pub(super) kept: Vec<Kept>,
}

/// A look through all versions of an archive.
pub(super) struct Survey<'a> {
    tombstones: &'a Tombstones,
    /// The key of the erasure's record.
    record_key: String,
    /// The keys of staged objects that are known to have the person.
    staged: BTreeSet<String>,
    latest: Option<(String, Latest)>,
    pub(super) found: Found,
}

/// What was found in the latest version of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Latest {
    /// Nobody who was erased.
    Nobody,
    /// Somebody who was erased.
    Somebody,
    /// This erasure has written it: its older versions go, whatever is in them.
    Written,
}

impl<'a> Survey<'a> {
    pub(super) fn new(tombstones: &'a Tombstones, record_key: String, staged: BTreeSet<String>) -> Self {
        Self { tombstones, record_key, staged, latest: None, found: Found::default() }
    }

    fn visit_latest(&mut self, listed: &Listed, version: &Version) {
        let key = &listed.name.key;
        let Version { object, lock } = version;
        let change = texts::change(key, &object.head.metadata, &object.body, self.tombstones);
        let is_written = object.head.metadata.get(ERASURE) == Some(&self.record_key);
        let latest = match (&change, is_written) {
            (Some(_), _) => Latest::Somebody,
            (None, true) => Latest::Written,
            (None, false) => Latest::Nobody,
        };
        self.latest = Some((key.clone(), latest));
        let Some(change) = change else { return };
        self.found.others += change.others;
        let sha256 = sha256_hex(&object.body);
        self.found.objects.push(PlannedObject { key: key.clone(), sha256, pointers: change.pointers });
        if lock.is_held {
            self.found.kept.push(Kept { key: key.clone(), version: None, why: KeptBy::Hold { hold: None } });
        }
        self.note_lock(listed, version);
    }

    fn visit_older(&mut self, listed: &Listed, version: &Version) {
        let key = &listed.name.key;
        let of_latest = self.latest.as_ref().filter(|(latest, _)| latest == key);
        let latest = of_latest.map_or(Latest::Nobody, |(_, latest)| *latest);
        let Version { object, .. } = version;
        match latest {
            Latest::Somebody => self.found.older_of_objects += 1,
            Latest::Written => self.found.older.push(listed.name.clone()),
            Latest::Nobody => {
                let metadata = &object.head.metadata;
                if texts::change(key, metadata, &object.body, self.tombstones).is_none() {
                    return;
                }
                self.found.older.push(listed.name.clone());
            }
        }
        self.note_lock(listed, version);
    }

    fn visit_staged(&mut self, listed: &Listed, version: &Version) {
        let (key, body) = (&listed.name.key, &version.object.body);
        if self.staged.contains(key) || texts::names_somebody(body, self.tombstones) {
            self.staged.insert(key.clone());
            let is_known = self.found.staged.last().is_some_and(|last| last.key == *key);
            if !is_known {
                let (sha256, pointers) = (sha256_hex(body), vec![String::new()]);
                self.found.staged.push(PlannedObject { key: key.clone(), sha256, pointers });
            }
        }
    }

    /// Takes note of what will keep a version from being deleted.
    fn note_lock(&mut self, listed: &Listed, version: &Version) {
        let retention = version.lock.retention.filter(|lock| lock.mode == LockMode::Compliance);
        let why = match retention {
            _ if version.lock.is_held && !listed.is_latest => KeptBy::Hold { hold: None },
            Some(retention) => KeptBy::Lock { until: retention.until },
            None => return,
        };
        let VersionName { key, version } = listed.name.clone();
        self.found.kept.push(Kept { key, version, why });
    }
}

impl Visitor for Survey<'_> {
    fn wants(&self, key: &str) -> bool {
        texts::shape(key).is_some() || texts::is_staged(key)
    }

    fn visit(&mut self, listed: &Listed, version: Option<&Version>) {
        // What may not be read may not be written, either: who plans is told of it.
        let Some(version) = version else { return };
        if texts::is_staged(&listed.name.key) {
            self.visit_staged(listed, version);
        } else if listed.is_latest {
            self.visit_latest(listed, version);
        } else {
            self.visit_older(listed, version);
        }
    }
}
