//! `rollcall hold` has S3 keep every version of what is held, and lets go of what no other hold holds.

use std::process::{Command, Stdio};

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{BucketVersioningStatus, ObjectLockLegalHoldStatus, VersioningConfiguration};
use shared::aws::S3Store;
use shared::ports::store::{Condition, Metadata, NewObject, ObjectStore, PutResult};
use tempfile::TempDir;
use tools::emulators;

use crate::compiled_functions::build;

const DAY: &str = "v1/tenant=t-1/kind=meeting/date=2026-10-14";
const SOURCE: &str = "users/0a1b2c3d-0009-4000-8000-000000000009/onlineMeetings/";

/// A bucket with two reports, one of them in two versions.
struct Bucket {
    client: Client,
    store: S3Store,
    endpoint: String,
    name: &'static str,
    cache: TempDir,
}

impl Bucket {
    /// `None` where the emulator cannot be installed.
    async fn filled(name: &'static str, locks_objects: bool) -> Option<Self> {
        let config = emulators::ministack().await?;
        let client =
            Client::from_conf(aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build());
        client
            .create_bucket()
            .bucket(name)
            .object_lock_enabled_for_bucket(locks_objects)
            .send()
            .await
            .unwrap();
        let versions = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        client.put_bucket_versioning().bucket(name).versioning_configuration(versions).send().await.unwrap();
        let endpoint = config.endpoint_url().unwrap().to_owned();
        let store = S3Store::new(&config, name.to_owned(), None);
        let bucket = Self { client, store, endpoint, name, cache: tempfile::tempdir().unwrap() };
        bucket.put("m-1", "poor").await;
        bucket.put("m-1", "richer").await;
        bucket.put("m-2", "another").await;
        Some(bucket)
    }

    async fn put(&self, meeting: &str, title: &str) {
        let body = format!(
            r#"{{"id":"r","meetingStartDateTime":"2026-10-14T10:00:00Z","meetingEndDateTime":"2026-10-14T11:00:00Z","title":"{title}","attendanceRecords":[]}}"#
        );
        let metadata: Metadata = [("source".to_owned(), format!("{SOURCE}{meeting}"))].into();
        let object = NewObject::new(body, "application/json", metadata);
        let put = self.store.put(&key(meeting), object, Condition::Always).await.unwrap();
        assert_eq!(put, PutResult::Stored);
    }

    /// What the compiled command prints, and whether it succeeded.
    fn hold(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new(build().join("rollcall"))
            .arg("hold")
            .args(arguments)
            .arg(format!("s3://{}", self.name))
            .env("XDG_CACHE_HOME", self.cache.path())
            .envs([
                ("AWS_ACCESS_KEY_ID", "test"),
                ("AWS_SECRET_ACCESS_KEY", "test"),
                ("AWS_REGION", "us-east-1"),
            ])
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let printed = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&printed).into_owned())
    }

    async fn versions(&self, meeting: &str) -> Vec<String> {
        let listed =
            self.client.list_object_versions().bucket(self.name).prefix(key(meeting)).send().await.unwrap();
        listed.versions().iter().map(|version| version.version_id().unwrap().to_owned()).collect()
    }

    /// How many versions of a meeting's report are under a legal hold.
    async fn held(&self, meeting: &str) -> usize {
        let mut held = 0;
        for version in self.versions(meeting).await {
            let asked =
                self.client.get_object_legal_hold().bucket(self.name).key(key(meeting)).version_id(version);
            let status = asked.send().await.ok().and_then(|answer| answer.legal_hold?.status);
            held += usize::from(status == Some(ObjectLockLegalHoldStatus::On));
        }
        held
    }
}

fn key(meeting: &str) -> String {
    format!("reports/{DAY}/r-{meeting}.json")
}

#[tokio::test]
async fn every_version_of_what_is_held_stays_until_no_hold_holds_it() {
    let Some(bucket) = Bucket::filled("held", true).await else { return };
    let (succeeded, printed) = bucket.hold(&["case-1", "--meeting", "m-1"]);
    assert!(succeeded && printed.contains("2 versions are under a legal hold"), "{printed}");
    assert_eq!((bucket.held("m-1").await, bucket.held("m-2").await), (2, 0));
    for version in bucket.versions("m-1").await {
        let delete = bucket.client.delete_object().bucket("held").key(key("m-1")).version_id(version);
        assert!(delete.send().await.is_err(), "held");
    }
    // A version that came since, as a run that was cut would have left it.
    bucket.put("m-1", "richest").await;
    assert_eq!(bucket.held("m-1").await, 2);
    let (succeeded, printed) = bucket.hold(&["case-1"]);
    assert!(succeeded && printed.contains("0 of them new: 3 versions"), "{printed}");
    assert!(bucket.hold(&["case-2", "--since", "2026-10-14"]).0);
    assert_eq!((bucket.held("m-1").await, bucket.held("m-2").await), (3, 1));
    let (succeeded, printed) = bucket.hold(&["--lift", "case-2"]);
    assert!(succeeded, "{printed}");
    assert_eq!((bucket.held("m-1").await, bucket.held("m-2").await), (3, 0), "case-1 still holds one");
    assert!(bucket.hold(&["--lift", "case-1"]).0);
    assert_eq!(bucket.held("m-1").await, 0);
    let (succeeded, printed) = bucket.hold(&["--list"]);
    assert!(succeeded && printed.contains("case-1") && printed.contains("meeting m-1"), "{printed}");
}

#[tokio::test]
async fn without_object_lock_a_sentence_says_what_to_run_and_nothing_is_written() {
    let Some(bucket) = Bucket::filled("unlocked", false).await else { return };
    let (succeeded, printed) = bucket.hold(&["case-1", "--meeting", "m-1"]);
    assert!(!succeeded && printed.contains("put-object-lock-configuration --bucket unlocked"), "{printed}");
    assert_eq!(bucket.store.list("holds/", None).await.unwrap().keys.len(), 0);
}
