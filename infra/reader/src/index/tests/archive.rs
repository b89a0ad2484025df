//! An invented archive in a folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::{Value, json};
use shared::ports::store::{
    Condition, FolderStore, Metadata, NewObject, ObjectStore, PutResult, VersionedStore,
};

use crate::index::{Index, SessionLine, SessionQuery};

pub(super) const TENANT: &str = "3f1c8a52-6d0b-4f7e-9a3d-2b5c7e9f1a04";
pub(super) const AIKO: &str = "0a1b2c3d-0001-4000-8000-000000000001";
pub(super) const NOOR: &str = "0a1b2c3d-0002-4000-8000-000000000002";

pub(super) struct Archive {
    pub(super) folder: tempfile::TempDir,
    caches: tempfile::TempDir,
}

impl Archive {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), caches: tempfile::tempdir().unwrap() }
    }

    pub(super) async fn put(&self, key: &str, body: &str, metadata: &[(&str, &str)]) {
        let metadata: Metadata =
            metadata.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let object = NewObject::new(body.to_owned(), "application/json", metadata);
        let store = FolderStore::open(self.folder.path()).unwrap();
        let put = store.put(key, object, Condition::Always).await.unwrap();
        assert_eq!(put, PutResult::Stored);
    }

    /// A meeting's report of a day in October 2026, from 10:00 to 11:00.
    pub(super) async fn report(&self, day: u32, id: &str, records: Value) {
        self.report_of("m-1", day, (10, 11), id, records).await;
    }

    pub(super) async fn report_of(
        &self,
        meeting: &str,
        day: u32,
        hours: (u32, u32),
        id: &str,
        records: Value,
    ) {
        let body = json!({
            "id": id, "totalParticipantCount": records.as_array().map_or(0, Vec::len),
            "meetingStartDateTime": format!("2026-10-{day:02}T{:02}:00:00Z", hours.0),
            "meetingEndDateTime": format!("2026-10-{day:02}T{:02}:00:00Z", hours.1),
            "attendanceRecords": records,
        });
        self.raw_report(meeting, day, id, &body.to_string()).await;
    }

    pub(super) async fn raw_report(&self, meeting: &str, day: u32, id: &str, body: &str) {
        let source = format!("users/0a1b2c3d-0009-4000-8000-000000000009/onlineMeetings/{meeting}");
        let metadata = [
            ("sha256", "ab"),
            ("source", source.as_str()),
            ("fetched-at", "2026-10-20T08:00:00Z"),
            ("graph-request-id", "q%201"),
            ("report-id", id),
            ("pages", "2"),
        ];
        self.put(&report_key(day, id), body, &metadata).await;
    }

    pub(super) fn store(&self) -> Arc<dyn VersionedStore> {
        Arc::new(FolderStore::existing(self.folder.path()).unwrap())
    }

    pub(super) fn index(&self) -> Index {
        Index::open(self.path()).unwrap()
    }

    pub(super) fn path(&self) -> std::path::PathBuf {
        self.caches.path().join("rollcall/index.sqlite")
    }

    pub(super) async fn indexed(&self) -> Index {
        let index = self.index();
        self.refresh(&index).await;
        index
    }

    /// Brings the index up to date; answers how many objects were read.
    pub(super) async fn refresh(&self, index: &Index) -> u64 {
        let read = std::sync::atomic::AtomicU64::new(0);
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        let progress = |progress: crate::index::Progress| {
            read.store(progress.read, std::sync::atomic::Ordering::Relaxed);
        };
        index.refresh(self.store(), now, &progress).await.unwrap();
        read.into_inner()
    }

    /// Each file with its bytes and the time when it was written.
    pub(super) fn files(&self) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
        let mut files = BTreeMap::new();
        add_files(self.folder.path(), &mut files);
        files
    }
}

fn add_files(folder: &Path, files: &mut BTreeMap<String, (Vec<u8>, SystemTime)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let written = path.metadata().unwrap().modified().unwrap();
        let bytes = if path.is_dir() { Vec::new() } else { std::fs::read(&path).unwrap() };
        files.insert(path.to_string_lossy().into_owned(), (bytes, written));
        if path.is_dir() {
            add_files(&path, files);
        }
    }
}

pub(super) fn report_key(day: u32, id: &str) -> String {
    format!("reports/v1/tenant={TENANT}/kind=meeting/date=2026-10-{day:02}/{id}.json")
}

/// A record of somebody who was there from 10:05 to 10:55.
pub(super) fn record(id: &str, name: &str, address: &str) -> Value {
    json!({
        "id": id, "emailAddress": address, "role": "Attendee", "totalAttendanceInSeconds": 3000,
        "identity": {"id": id, "displayName": name, "tenantId": TENANT},
        "attendanceIntervals": [{
            "joinDateTime": "2026-10-14T10:05:00.1234567Z", "leaveDateTime": "2026-10-14T10:55:00.1234567Z",
            "durationInSeconds": 3000,
        }],
    })
}

pub(super) fn aiko() -> Value {
    record(AIKO, "Aiko Ferreira", "aiko.ferreira@contoso.com")
}

pub(super) fn noor() -> Value {
    record(NOOR, "Noor Haddad", "Noor.Haddad@fabrikam.com")
}

pub(super) fn all(index: &Index) -> Vec<SessionLine> {
    index.sessions(&SessionQuery { limit: 100, ..SessionQuery::default() }).unwrap().rows
}

pub(super) fn found(index: &Index, search: &str) -> Vec<String> {
    let query = SessionQuery { search: Some(search.to_owned()), limit: 100, ..SessionQuery::default() };
    let page = index.sessions(&query).unwrap();
    assert_eq!(page.total, page.rows.len());
    let id = |line: SessionLine| line.key.rsplit('/').next().unwrap().trim_end_matches(".json").to_owned();
    page.rows.into_iter().map(id).collect()
}
