//! A folder or a bucket, all that is in it, and what erases people from it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use jiff::{SignedDuration, Timestamp};
use rollcall::erase::{Archive, Eraser, Outcome, Planned, Request};
use rollcall::versions::{FolderVersions, S3Versions};
use shared::archive::erasure::{Marker, TombstoneKey};
use shared::aws::S3Store;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::store::{FolderStore, Metadata};
use tempfile::TempDir;

use super::people::{AIKO, KEY};

/// An archive of a test.
pub(super) struct Place {
    pub(super) archive: Archive,
    pub(super) folder: Option<TempDir>,
    pub(super) bucket: Option<(aws_sdk_s3::Client, String)>,
}

impl Place {
    pub(super) fn folder() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::open(folder.path()).unwrap();
        let archive = Archive { store: Arc::new(store.clone()), versions: Arc::new(FolderVersions(store)) };
        Self { archive, folder: Some(folder), bucket: None }
    }

    /// A new bucket with versions, and with Object Lock where it `locks`.
    pub(super) async fn bucket(config: &SdkConfig, name: &str, locks: bool) -> Self {
        let settings = aws_sdk_s3::config::Builder::from(config).force_path_style(true).build();
        let client = aws_sdk_s3::Client::from_conf(settings);
        let create = client.create_bucket().bucket(name).object_lock_enabled_for_bucket(locks);
        create.send().await.unwrap();
        let versioned = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
        let versioning = client.put_bucket_versioning().bucket(name);
        versioning.versioning_configuration(versioned).send().await.unwrap();
        let archive = Archive {
            store: Arc::new(S3Store::new(config, name.to_owned(), None)),
            versions: Arc::new(S3Versions::new(config, name.to_owned())),
        };
        Self { archive, folder: None, bucket: Some((client, name.to_owned())) }
    }

    /// The text and metadata of each object.
    pub(super) async fn current(&self) -> BTreeMap<String, (String, Metadata)> {
        let (mut objects, mut after) = (BTreeMap::new(), None::<String>);
        loop {
            let page = self.archive.store.list_versions("", after.as_deref()).await.unwrap();
            for object in page.objects {
                let read = self.archive.store.get(&object.key).await.unwrap().unwrap();
                let text = String::from_utf8(read.body.to_vec()).unwrap();
                objects.insert(object.key, (text, read.head.metadata));
            }
            after = page.next;
            if after.is_none() {
                return objects;
            }
        }
    }

    /// Everything there is, by its name: all versions with their metadata, or all files.
    pub(super) async fn all(&self) -> BTreeMap<String, String> {
        let Some((client, bucket)) = &self.bucket else {
            let mut all = BTreeMap::new();
            add_files(self.folder.as_ref().unwrap().path(), &mut all);
            return all;
        };
        let mut all = BTreeMap::new();
        let mut page = client.list_object_versions().bucket(bucket);
        loop {
            let listed = page.send().await.unwrap();
            for version in listed.versions() {
                let (key, id) = (version.key().unwrap(), version.version_id().unwrap());
                let read = client.get_object().bucket(bucket).key(key).version_id(id).send().await.unwrap();
                let metadata: BTreeMap<String, String> =
                    read.metadata.unwrap_or_default().into_iter().collect();
                let body = read.body.collect().await.unwrap().into_bytes();
                let text = format!("{metadata:?}\n{}", String::from_utf8_lossy(&body));
                all.insert(format!("{key} {id}"), text);
            }
            if listed.is_truncated != Some(true) {
                return all;
            }
            let next = client.list_object_versions().bucket(bucket);
            let next = next.set_key_marker(listed.next_key_marker);
            page = next.set_version_id_marker(listed.next_version_id_marker);
        }
    }

    /// The names of everything in which the person is found.
    pub(super) async fn with_person(&self) -> Vec<String> {
        let needles = AIKO.texts();
        let holds = |text: &str| needles.iter().any(|needle| text.to_lowercase().contains(needle));
        let all = self.all().await.into_iter();
        all.filter(|(name, text)| holds(name) || holds(text)).map(|(name, _)| name).collect()
    }
}

fn add_files(folder: &Path, all: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_files(&path, all);
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            all.insert(path.display().to_string(), text);
        }
    }
}

/// A clock that begins now and jumps over every wait.
pub(super) struct Jumping(Mutex<SignedDuration>);

#[async_trait]
impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        SystemClock.now() + *self.0.lock().unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        *self.0.lock().unwrap() += SignedDuration::try_from(duration).unwrap();
    }
}

pub(super) fn eraser(archive: Archive, replica: Option<Archive>) -> Eraser {
    Eraser {
        archive,
        replica,
        key: TombstoneKey::new(&KEY.to_owned().into()),
        clock: Arc::new(Jumping(Mutex::default())),
        progress: Arc::new(|_| {}),
    }
}

pub(super) fn marker() -> Marker {
    Marker { at: "2026-11-28T08:00:00Z".parse().unwrap(), erasure: "2026-11-28.4c1f0a9e".to_owned() }
}

pub(super) fn request(who: &str) -> Request {
    let (same, reason) = (Vec::new(), "DSR-1042".to_owned());
    Request { who: who.parse().unwrap(), same, reason, marker: marker() }
}

/// Erases somebody.
pub(super) async fn erased(place: &Place, who: &str) -> Outcome {
    let eraser = eraser(place.archive.clone(), None);
    let Planned::Plan(plan) = eraser.plan(request(who)).await.unwrap() else { panic!("a plan") };
    eraser.carry_out(&plan, true).await.unwrap()
}
