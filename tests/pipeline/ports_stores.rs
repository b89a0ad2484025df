//! One contract for the three stores: memory, a folder, S3 (on our simulated AWS, on MiniStack and on moto).

use std::sync::Arc;

use local::{FolderStore, MemoryStore};
use shared::aws::S3Store;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::{
    Condition, KEYS_A_PAGE, KeyPage, LockMode, Metadata, NewObject, ObjectLock, ObjectStore, PutResult,
    StoreError, VersionPage, VersionedStore,
};
use tools::emulators::{self, Latencies};

fn object(body: &str) -> NewObject {
    let metadata = [("sha256", "abc"), ("source", "users/a%40b/onlineMeetings/c%2Fd%20e~f")];
    let metadata: Metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    NewObject::new(body.to_owned(), "application/json", metadata)
}

/// What the archive relies on in a store.
pub(crate) async fn keeps_the_contract(store: Arc<dyn ObjectStore>) {
    an_absent_object_is_none(&*store).await;
    bytes_and_metadata_come_back(&*store).await;
    what_can_be_made_again_needs_no_sha256(&*store).await;
    only_the_first_create_is_stored(&*store).await;
    a_replacement_needs_the_current_etag(&*store).await;
    of_many_creates_at_once_one_is_stored(&store).await;
    keys_are_listed_in_order_a_page_at_a_time(&store).await;
}

async fn an_absent_object_is_none(store: &dyn ObjectStore) {
    assert_eq!(store.head("reports/absent.json").await.unwrap(), None);
    assert_eq!(store.get("reports/absent.json").await.unwrap(), None);
    let written = store.put("reports/absent.json", object("x"), Condition::IfMatch("\"0\"".into())).await;
    assert_eq!(written.unwrap(), PutResult::ConditionFailed);
}

async fn bytes_and_metadata_come_back(store: &dyn ObjectStore) {
    let large = "0123456789".repeat(200_000);
    for (key, body) in [
        ("reports/v1/tenant=t/kind=meeting/date=2026-03-01/~abc.json", "{\"a\": \"\u{0}\u{FFFF}\r\n明\"}"),
        ("records/empty.jsonl", ""),
        ("staging/reports/large.json", &large),
    ] {
        assert_eq!(store.put(key, object(body), Condition::Always).await.unwrap(), PutResult::Stored);
        let there = store.get(key).await.unwrap().unwrap();
        assert_eq!(there.body, body.as_bytes());
        assert_eq!(there.head.metadata, object("").metadata);
        assert_eq!(store.head(key).await.unwrap(), Some(there.head));
    }
}

async fn what_can_be_made_again_needs_no_sha256(store: &dyn ObjectStore) {
    let lines = || NewObject::derived("{\"a\": 1}\n", "application/x-ndjson", object("").metadata);
    let put = store.put("records/derived.jsonl", lines(), Condition::IfAbsent).await;
    assert_eq!(put.unwrap(), PutResult::Stored);
    let there = store.get("records/derived.jsonl").await.unwrap().unwrap();
    assert_eq!((there.body, there.head.metadata), (lines().body.into_bytes(), lines().metadata));
    let changed = NewObject::derived("{}\n", "application/x-ndjson", Metadata::default());
    let put = store.put("records/derived.jsonl", changed, Condition::IfMatch(there.head.etag.clone())).await;
    assert_eq!(put.unwrap(), PutResult::Stored);
    let after = store.head("records/derived.jsonl").await.unwrap().unwrap();
    assert_ne!(after.etag, there.head.etag);
}

async fn only_the_first_create_is_stored(store: &dyn ObjectStore) {
    let key = "reports/created.json";
    assert_eq!(store.put(key, object("first"), Condition::IfAbsent).await.unwrap(), PutResult::Stored);
    assert_eq!(
        store.put(key, object("second"), Condition::IfAbsent).await.unwrap(),
        PutResult::ConditionFailed
    );
    assert_eq!(store.get(key).await.unwrap().unwrap().body, "first");
}

async fn a_replacement_needs_the_current_etag(store: &dyn ObjectStore) {
    let key = "reports/replaced.json";
    assert_eq!(store.put(key, object("first"), Condition::IfAbsent).await.unwrap(), PutResult::Stored);
    let first = store.head(key).await.unwrap().unwrap().etag;
    let replaced = store.put(key, object("second"), Condition::IfMatch(first.clone())).await;
    assert_eq!(replaced.unwrap(), PutResult::Stored);
    assert_eq!(
        store.put(key, object("third"), Condition::IfMatch(first)).await.unwrap(),
        PutResult::ConditionFailed
    );
    assert_eq!(store.get(key).await.unwrap().unwrap().body, "second");
}

async fn of_many_creates_at_once_one_is_stored(store: &Arc<dyn ObjectStore>) {
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = Arc::clone(store);
            tokio::spawn(async move {
                store
                    .put("reports/raced.json", object(&writer.to_string()), Condition::IfAbsent)
                    .await
                    .unwrap()
            })
        })
        .collect();
    let mut stored = 0;
    for writer in writers {
        stored += usize::from(writer.await.unwrap() == PutResult::Stored);
    }
    assert_eq!(stored, 1);
}

async fn keys_are_listed_in_order_a_page_at_a_time(store: &Arc<dyn ObjectStore>) {
    let prefix = "sessions/v1/tenant=t/date=2026-03-01/";
    let nothing = KeyPage { keys: Vec::new(), is_last: true };
    assert_eq!(store.list(prefix, None).await.unwrap(), nothing);
    let mut keys: Vec<String> =
        (0..KEYS_A_PAGE + 2).map(|number| format!("{prefix}{number:04}.json")).collect();
    keys.push(format!("{prefix}~x.json"));
    for other in
        ["sessions/v1/tenant=t/date=2026-03-010/x.json", "sessions/v1/tenant=t/date=2026-02-28/x.json"]
    {
        assert_eq!(store.put(other, object("x"), Condition::IfAbsent).await.unwrap(), PutResult::Stored);
    }
    for some in keys.rchunks(50) {
        let put = |key: &String| {
            let (store, key) = (Arc::clone(store), key.clone());
            tokio::spawn(async move { store.put(&key, object("x"), Condition::IfAbsent).await.unwrap() })
        };
        for stored in some.iter().map(put).collect::<Vec<_>>() {
            assert_eq!(stored.await.unwrap(), PutResult::Stored);
        }
    }
    let first = store.list(prefix, None).await.unwrap();
    assert_eq!((first.keys.as_slice(), first.is_last), (&keys[..KEYS_A_PAGE], false));
    let rest = store.list(prefix, first.keys.last().map(String::as_str)).await.unwrap();
    assert_eq!((rest.keys.as_slice(), rest.is_last), (&keys[KEYS_A_PAGE..], true));
    assert_eq!(store.list(prefix, keys.last().map(String::as_str)).await.unwrap(), nothing);
}

/// Of three objects the one that is written again has another version, and no other.
async fn lists_tell_what_has_changed(store: &dyn VersionedStore) {
    let keys = ["a/1.json", "a/2.json", "a/3.json"];
    for key in keys.into_iter().chain(["b/1.json"]) {
        assert_eq!(store.put(key, object("first"), Condition::Always).await.unwrap(), PutResult::Stored);
    }
    let before = store.list_versions("a/", None).await.unwrap();
    assert_eq!(before.objects.iter().map(|object| object.key.as_str()).collect::<Vec<_>>(), keys);
    assert!(before.objects.iter().all(|object| object.size_bytes == 5) && before.next.is_none());
    assert_eq!(store.put(keys[1], object("other"), Condition::Always).await.unwrap(), PutResult::Stored);
    let after = store.list_versions("a/", None).await.unwrap();
    let changed: Vec<bool> =
        before.objects.iter().zip(&after.objects).map(|(one, other)| one != other).collect();
    assert_eq!(changed, [false, true, false]);
    let rest = store.list_versions("a/", Some(keys[1])).await.unwrap();
    assert_eq!(rest.objects, after.objects[2..]);
    assert_eq!(store.list_versions("c/", None).await.unwrap(), VersionPage::default());
}

#[tokio::test]
async fn a_list_tells_which_objects_have_changed() {
    let folder = tempfile::tempdir().unwrap();
    lists_tell_what_has_changed(&FolderStore::open(folder.path()).unwrap()).await;
    for config in emulators::all().await {
        let client = aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build(),
        );
        client.create_bucket().bucket("versions").send().await.unwrap();
        lists_tell_what_has_changed(&S3Store::new(&config, "versions".into(), None)).await;
    }
}

#[tokio::test]
async fn the_store_in_memory_keeps_the_contract() {
    keeps_the_contract(Arc::new(MemoryStore::default())).await;
}

#[tokio::test]
async fn the_store_in_a_folder_keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    keeps_the_contract(Arc::new(FolderStore::open(folder.path()).unwrap())).await;
    // Nothing half-written is left behind.
    let left = std::fs::read_dir(folder.path().join("reports")).unwrap();
    assert!(
        left.map(|entry| entry.unwrap().file_name()).all(|name| !name.to_string_lossy().starts_with(".tmp"))
    );
}

#[tokio::test]
async fn the_store_on_s3_keeps_the_contract() {
    for config in emulators::all().await {
        let client = aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build(),
        );
        client.create_bucket().bucket("archive").send().await.unwrap();
        keeps_the_contract(Arc::new(S3Store::new(&config, "archive".into(), None))).await;
    }
}

#[tokio::test]
async fn bytes_that_are_not_those_of_the_hash_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut stores: Vec<Box<dyn ObjectStore>> =
        vec![Box::new(MemoryStore::default()), Box::new(FolderStore::open(folder.path()).unwrap())];
    // moto takes any bytes.
    let comparing = [Some(emulators::aws_sim(Latencies::default()).await), emulators::ministack().await];
    for config in comparing.into_iter().flatten() {
        let client = aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build(),
        );
        client.create_bucket().bucket("compared").send().await.unwrap();
        stores.push(Box::new(S3Store::new(&config, "compared".into(), None)));
    }
    for store in stores {
        let object = NewObject { body: "others".into(), ..object("x") };
        let written = store.put("reports/x.json", object, Condition::IfAbsent).await;
        assert_eq!(written, Err(StoreError::Refused { code: "BadDigest".into() }));
        assert_eq!(store.get("reports/x.json").await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_bucket_that_does_not_exist_refuses() {
    for config in emulators::all().await {
        let store = S3Store::new(&config, "no-such-bucket".into(), None);
        let written = store.put("reports/x.json", object("x"), Condition::IfAbsent).await;
        assert_eq!(written, Err(StoreError::Refused { code: "NoSuchBucket".into() }));
        assert!(matches!(store.get("reports/x.json").await, Err(StoreError::Refused { .. })));
    }
}

#[tokio::test]
async fn an_archive_that_is_out_of_reach_is_unavailable() {
    for config in emulators::all().await {
        let nowhere = config.to_builder().endpoint_url("http://127.0.0.1:1").build();
        let store = S3Store::new(&nowhere, "archive".into(), None);
        assert!(matches!(store.head("reports/x.json").await, Err(StoreError::Unavailable { .. })));
    }
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let store = FolderStore::open(folder.path()).unwrap();
    // A file where a folder must be.
    std::fs::write(folder.path().join("reports"), "in the way").unwrap();
    let written = store.put("reports/x.json", object("x"), Condition::IfAbsent).await;
    assert!(matches!(written, Err(StoreError::Refused { .. })), "{written:?}");
}

#[tokio::test]
async fn reports_and_revisions_are_locked_where_a_lock_is_configured() {
    for config in emulators::all().await {
        let client = aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build(),
        );
        let request = client.create_bucket().bucket("locked").object_lock_enabled_for_bucket(true);
        request.send().await.unwrap();
        let lock = ObjectLock { mode: LockMode::Governance, time: jiff::SignedDuration::from_hours(48) };
        let clock = Arc::new(SystemClock);
        let store = S3Store::new(&config, "locked".into(), None).locked(Some(lock), clock.clone());
        for (key, is_locked) in [
            ("reports/r.json", true),
            ("revisions/r.json", true),
            ("sessions/s.json", true),
            ("records/r.jsonl", false),
            ("staging/s", false),
        ] {
            assert_eq!(store.put(key, object("x"), Condition::IfAbsent).await.unwrap(), PutResult::Stored);
            let head = client.head_object().bucket("locked").key(key).send().await.unwrap();
            assert_eq!(
                head.object_lock_mode.is_some_and(|mode| mode.as_str() == "GOVERNANCE"),
                is_locked,
                "{key}"
            );
            let hours = head
                .object_lock_retain_until_date
                .map(|until| (until.secs() - clock.now().as_second()) / 3_600);
            assert_eq!(hours.is_some_and(|hours| (47..=48).contains(&hours)), is_locked, "{key}");
        }
    }
}
