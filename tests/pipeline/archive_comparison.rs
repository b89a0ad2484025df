//! The bytes of a report are compared with the SHA-256 that was counted when Graph's answer came: by the store when they are
//! put, and by `archive` where a store has not looked at them. Others are never archived, and nothing is made of them.

use archive::{ArchiveError, ArchiveResult, archive};
use local::{FolderStore, MemoryStore};
use shared::archive::erasure::Tombstones;
use shared::archive::layout;
use shared::digest::sha256_hex;
use shared::jobs::ArchiveJob;
use shared::ports::store::{Checksum, Condition, Metadata, NewObject, ObjectStore, PutResult};

use crate::archive_versions::{answer, job};
use crate::world::World;

const REPORT: &str = "reports/v1/tenant=t/kind=webinar/date=2026-03-01/r-1.json";
const LINES: &str = "records/v1/tenant=t/kind=webinar/date=2026-03-01/r-1.jsonl";

/// The job of `fetched`, with `bytes` in its place: in the message, or in `staging/`.
async fn changed(store: &MemoryStore, fetched: &str, bytes: &str, is_staged: bool) -> ArchiveJob {
    let mut job = job(&World::new(), fetched, 0);
    assert_eq!(job.size_bytes, bytes.len(), "else the size would tell");
    job.body = Some(serde_json::from_str(bytes).unwrap());
    if is_staged {
        job.body = None;
        let object = NewObject::new(bytes.to_owned(), "application/json", Metadata::default());
        let put = store.put(&layout::staging(&job.sha256), object, Condition::Always).await;
        assert_eq!(put.unwrap(), PutResult::Stored);
    }
    job
}

/// What became of `bytes` where `fetched` was meant and `archived` is there; nothing must be changed by them.
async fn archived_instead(
    store: MemoryStore,
    fetched: &str,
    bytes: &str,
    is_staged: bool,
) -> Result<ArchiveResult, ArchiveError> {
    let job = changed(&store, fetched, bytes, is_staged).await;
    let before = store.below("");
    let result = archive(&store, &Tombstones::default(), &job).await;
    assert_eq!(store.below(""), before, "{bytes} instead of {fetched}");
    result
}

async fn archive_with(archived: &[&str]) -> MemoryStore {
    let store = MemoryStore::default();
    for body in archived {
        archive(&store, &Tombstones::default(), &job(&World::new(), body, 0)).await.unwrap();
    }
    store
}

#[tokio::test(start_paused = true)]
async fn bytes_that_were_changed_on_their_way_are_never_archived_whatever_is_there() {
    let (poor, middle, rich) = (answer(1, 10), answer(5, 50), answer(9, 90));
    // Changed bytes that look poorer, and richer, than they were.
    for bytes in [answer(2, 50), answer(8, 50)] {
        for archived in [&[][..], &[&*poor], &[&*rich], &[&*middle, &*rich], &[&*bytes]] {
            for is_staged in [false, true] {
                let result = archived_instead(archive_with(archived).await, &middle, &bytes, is_staged).await;
                assert!(matches!(result, Err(ArchiveError::Mismatch(_))), "{archived:?}: {result:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_lines_are_made_of_changed_bytes_where_the_right_ones_are_archived() {
    let (fetched, bytes) = (answer(5, 50), answer(6, 50));
    for is_staged in [false, true] {
        let store = archive_with(&[&fetched]).await;
        let result = archived_instead(store, &fetched, &bytes, is_staged).await;
        assert_eq!(result.unwrap(), ArchiveResult::Known, "what the job names is there, with its lines");

        let store = archive_with(&[&fetched]).await;
        store.expire(LINES);
        let result = archived_instead(store, &fetched, &bytes, is_staged).await;
        assert!(matches!(result, Err(ArchiveError::Mismatch(_))), "{result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_folder_compares_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = FolderStore::open(folder.path()).unwrap();
    let (fetched, bytes) = (answer(5, 50), answer(6, 50));
    let job = changed(&MemoryStore::default(), &fetched, &bytes, false).await;
    let result = archive(&store, &Tombstones::default(), &job).await;
    assert!(matches!(result, Err(ArchiveError::Mismatch(_))), "{result:?}");
    assert_eq!(store.get(REPORT).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_hash_is_none_is_no_part_of_a_key() {
    let store = archive_with(&[&answer(9, 90)]).await;
    let before = store.below("");
    let hashless = ArchiveJob { sha256: "../x".into(), ..job(&World::new(), &answer(5, 50), 0) };
    assert!(matches!(
        archive(&store, &Tombstones::default(), &hashless).await,
        Err(ArchiveError::Mismatch(_))
    ));
    assert_eq!(store.below(""), before);
}

/// Archives a richer report than `before`, whose metadata names `named`; the revisions then.
async fn revisions_of(before: &str, named: Option<&str>, revision: Option<&str>) -> Vec<(String, String)> {
    let store = MemoryStore::default();
    let metadata = named.map(|named| ("sha256".to_owned(), named.to_owned())).into_iter().collect();
    let object =
        NewObject { metadata, ..NewObject::new(before.to_owned(), "application/json", Metadata::default()) };
    assert_eq!(store.put(REPORT, object, Condition::IfAbsent).await.unwrap(), PutResult::Stored);
    let key = |sha256: &str| {
        format!("{}/{sha256}.json", REPORT.replace("reports/", "revisions/").trim_end_matches(".json"))
    };
    if let (Some(named), Some(other)) = (named, revision) {
        let other = NewObject::new(other.to_owned(), "application/json", Metadata::default());
        assert_eq!(store.put(&key(named), other, Condition::IfAbsent).await.unwrap(), PutResult::Stored);
    }
    assert_eq!(
        archive(&store, &Tombstones::default(), &job(&World::new(), &answer(9, 90), 1)).await.unwrap(),
        ArchiveResult::Richer
    );
    let text = |body: &[u8]| String::from_utf8(body.to_vec()).unwrap();
    let revisions = store.below("revisions/").into_iter();
    revisions.map(|(key, object)| (key.rsplit('/').next().unwrap().to_owned(), text(&object.body))).collect()
}

#[tokio::test(start_paused = true)]
async fn the_former_report_is_kept_under_its_own_hash_whatever_its_metadata_says() {
    let before = answer(1, 10);
    let (own, zeros) = (sha256_hex(before.as_bytes()), "0".repeat(64));
    for named in [Some(&*own), None, Some("abc"), Some("../../x"), Some(&*zeros), Some(&*own.to_uppercase())]
    {
        assert_eq!(revisions_of(&before, named, None).await, [(format!("{own}.json"), before.clone())]);
    }
    let revisions = revisions_of(&before, Some(&zeros), Some("others")).await;
    assert!(revisions.contains(&(format!("{own}.json"), before.clone())), "{revisions:?}");
}

#[tokio::test(start_paused = true)]
async fn lines_have_no_sha256_of_their_own() {
    let lines = NewObject::derived("{}\n", "application/x-ndjson", Metadata::default());
    assert_eq!(lines.checksum, Checksum::Crc64Nvme);
}
