//! A small archive in a folder with its manifests, as three nights leave it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use async_trait::async_trait;
use backfill::manifests::{ManifestError, ManifestStore, Step, Walk, extend};
use jiff::{SignedDuration, Timestamp};
use rollcall::verify::{Findings, Trust, verify};
use serde_json::Value;
use shared::archive::manifests::{COVERED, FileSigner, PublicKey, RootSigner};
use shared::digest::sha256_hex;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::{
    Condition, FolderStore, KeyPage, NewObject, Object, ObjectFacts, ObjectHead, ObjectStore, PutResult,
    StoreError, VersionPage, VersionedStore,
};
use tempfile::TempDir;
use tools::programs;

pub(super) const DAY: &str = "reports/v1/tenant=t/kind=meeting/date=2026-03-01";
pub(super) const NEXT_DAY: &str = "reports/v1/tenant=t/kind=meeting/date=2026-03-02";
pub(super) const REPORT: &str = "reports/v1/tenant=t/kind=meeting/date=2026-03-01/r-1.json";
pub(super) const EVENT: &str = "events/v1/tenant=t/kind=webinar/~abcdef.json";

/// A walk that begins now.
pub(super) fn walk(always_ends_with_root: bool) -> Walk {
    Walk { began: SystemClock.now(), after: None, always_ends_with_root }
}

/// A folder with two pairs of keys, `private.pem` and `public.pem`, `other.pem` and `other-public.pem`; `None` without openssl.
pub(super) fn keys() -> Option<TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let openssl = |arguments: &str| {
        let mut command = Command::new("openssl");
        command
            .args(arguments.split(' '))
            .current_dir(folder.path())
            .output()
            .is_ok_and(|made| made.status.success())
    };
    let new = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out";
    let made = openssl(&format!("{new} private.pem"))
        && openssl("pkey -in private.pem -pubout -out public.pem")
        && openssl(&format!("{new} other.pem"))
        && openssl("pkey -in other.pem -pubout -out other-public.pem");
    if !made {
        programs::skipped("signatures are tried with openssl");
    }
    made.then_some(folder)
}

pub(super) fn signer(file: &Path) -> Arc<dyn RootSigner> {
    Arc::new(FileSigner::read(&fs::read(file).unwrap()).unwrap())
}

/// An archive in a folder.
pub(super) struct Evidence {
    pub(super) folder: TempDir,
    pub(super) store: FolderStore,
    /// How long objects are kept; `None`: for ever.
    pub(super) retention: Option<SignedDuration>,
}

impl Evidence {
    fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::open(folder.path()).unwrap();
        Self { folder, store, retention: None }
    }

    /// What the first night finds. Nothing of it is in a manifest yet.
    pub(super) fn of_one_night() -> Self {
        let evidence = Self::empty();
        evidence.report(REPORT, "poor");
        evidence.report(&format!("{DAY}/r-2.json"), r#"{"id":"r-2","attendanceRecords":[]}"#);
        evidence.report("reports/v1/tenant=t/kind=webinar/date=2026-03-01/w-1.json", "of a webinar");
        evidence.report("sessions/v1/tenant=t/date=2026-03-01/c-1.json", "a call");
        evidence.report(EVENT, "Data protection 🎯");
        evidence.report("events/v1/tenant=t/kind=webinar/~abcdef/sessions/s-1.json", "a session");
        evidence.report("registrations/v1/tenant=t/kind=webinar/~abcdef.json", "who registered");
        evidence
    }

    /// In the second night a richer report is there, and the one before is a revision; in the third another day's report.
    pub(super) async fn of_three_nights(signer: Option<&Path>) -> Self {
        let evidence = Self::of_one_night();
        evidence.walk_with(signer, true).await.unwrap();
        evidence.report(&evidence.revision("poor"), "poor");
        evidence.report(REPORT, "richer");
        evidence.walk_with(signer, true).await.unwrap();
        evidence.report(&format!("{NEXT_DAY}/r-3.json"), "the next day");
        evidence.walk_with(signer, true).await.unwrap();
        evidence
    }

    pub(super) fn revision(&self, text: &str) -> String {
        let folder = REPORT.strip_suffix(".json").unwrap().replacen("reports", "revisions", 1);
        format!("{folder}/{}.json", sha256_hex(text.as_bytes()))
    }

    /// Writes an object that is a day old, by its time.
    pub(super) fn report(&self, key: &str, text: &str) {
        self.write(key, text);
        let file = File::options().write(true).open(self.folder.path().join(key)).unwrap();
        let a_day_ago = SystemClock.now() - SignedDuration::from_hours(24);
        file.set_modified(a_day_ago.into()).unwrap();
    }

    pub(super) fn write(&self, key: &str, text: &str) {
        let path = self.folder.path().join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(super) fn read(&self, key: &str) -> String {
        fs::read_to_string(self.folder.path().join(key)).unwrap()
    }

    pub(super) fn remove(&self, key: &str) {
        fs::remove_file(self.folder.path().join(key)).unwrap();
    }

    /// The same files in another folder, written now.
    pub(super) fn copy(&self) -> Self {
        let copy = Self::empty();
        let (from, to) = (self.folder.path().join("."), copy.folder.path());
        assert!(Command::new("cp").arg("-r").arg(from).arg(to).status().unwrap().success());
        copy
    }

    /// The keys of all that manifests cover.
    pub(super) async fn keys(&self) -> BTreeSet<String> {
        let mut keys = BTreeSet::new();
        for prefix in COVERED {
            let page = self.store.list_versions(prefix, None).await.unwrap();
            keys.extend(page.objects.into_iter().map(|object| object.key));
        }
        keys
    }

    pub(super) fn manifests(&self, signing_key: Option<&Path>) -> ManifestStore {
        let signer = signing_key.map(signer);
        ManifestStore { store: Arc::new(self.store.clone()), signer, retention: self.retention }
    }

    pub(super) async fn walk_with(
        &self,
        signing_key: Option<&Path>,
        always_ends_with_root: bool,
    ) -> Result<Step, ManifestError> {
        extend(&self.manifests(signing_key), &SystemClock, &walk(always_ends_with_root), Timestamp::MAX).await
    }

    /// What `rollcall verify` finds.
    pub(super) async fn findings(&self, keys: &[&Path], root: Option<&str>) -> Findings {
        let key = |file: &&Path| PublicKey::read(&fs::read(file).unwrap()).unwrap();
        let trust = Trust { keys: keys.iter().map(key).collect(), root: root.map(str::to_owned) };
        verify(&self.store, &trust, &|_, _| {}).await.unwrap()
    }

    /// What `infra/verify.py` finds, and whether its exit code says that the archive is intact; `None` without Python.
    pub(super) fn found_by_python(&self, keys: &[&Path], root: Option<&str>) -> Option<(Value, bool)> {
        let mut command = Command::new("python3");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/verify.py")).arg(self.folder.path());
        for key in keys {
            command.arg("--key").arg(key);
        }
        if let Some(root) = root {
            command.args(["--root", root]);
        }
        let Ok(output) = command.output() else {
            programs::skipped("the second verifier needs python3");
            return None;
        };
        let printed = serde_json::from_slice(&output.stdout);
        Some((printed.unwrap_or_else(|_| panic!("{output:?}")), output.status.success()))
    }
}

/// A store in which somebody else writes an object just before it is written here.
pub(super) struct Meanwhile {
    store: FolderStore,
    key: String,
}

impl Meanwhile {
    pub(super) fn new(store: FolderStore, key: String) -> Self {
        Self { store, key }
    }
}

#[async_trait]
impl ObjectStore for Meanwhile {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        self.store.head(key).await
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        self.store.get(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<KeyPage, StoreError> {
        self.store.list(prefix, after).await
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError> {
        if key == self.key {
            let other = NewObject::new("another", "application/x-ndjson", Default::default());
            assert_eq!(self.store.put(key, other, Condition::IfAbsent).await?, PutResult::Stored);
        }
        self.store.put(key, object, condition).await
    }
}

#[async_trait]
impl VersionedStore for Meanwhile {
    async fn list_versions(&self, prefix: &str, after: Option<&str>) -> Result<VersionPage, StoreError> {
        self.store.list_versions(prefix, after).await
    }

    async fn facts(&self, key: &str) -> Result<Option<ObjectFacts>, StoreError> {
        self.store.facts(key).await
    }
}
