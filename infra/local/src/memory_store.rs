//! An object store in memory, with the semantics of S3.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use shared::digest::sha256_hex;
use shared::ports::store::{
    Condition, KeyPage, NewObject, Object, ObjectFacts, ObjectHead, ObjectStore, ObjectVersion, PutResult,
    StoreError, VersionPage, VersionedStore,
};

/// An object store in memory, gone when the process ends.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<BTreeMap<String, Object>>);

impl MemoryStore {
    /// The keys of all objects, in order.
    pub fn keys(&self) -> Vec<String> {
        self.objects().keys().cloned().collect()
    }

    /// The objects whose keys begin with `prefix`, in the order of their keys.
    pub fn below(&self, prefix: &str) -> Vec<(String, Object)> {
        let objects = self.objects();
        let below = objects.range(prefix.to_owned()..).take_while(|(key, _)| key.starts_with(prefix));
        below.map(|(key, object)| (key.clone(), object.clone())).collect()
    }

    /// The object at `key`; `None` if none exists.
    pub fn object(&self, key: &str) -> Option<Object> {
        self.objects().get(key).cloned()
    }

    /// Removes the object at `key`, as a lifecycle rule of the bucket does.
    pub fn expire(&self, key: &str) {
        self.objects().remove(key);
    }

    /// Writes an object if `condition` holds, and answers whether it did.
    ///
    /// # Errors
    /// The bytes do not have the SHA-256 that the object names.
    pub fn write(
        &self,
        key: &str,
        object: NewObject,
        condition: &Condition,
    ) -> Result<PutResult, StoreError> {
        let mut objects = self.objects();
        let current = objects.get(key).map(|object| object.head.etag.as_str());
        if !condition.holds(current) {
            return Ok(PutResult::ConditionFailed);
        }
        // Only now, as S3 may: where the condition fails nobody has compared the bytes.
        let etag = object.compared()?.unwrap_or_else(|| format!("{:016x}", object.body.crc64_nvme()));
        let head = ObjectHead { etag, metadata: object.metadata };
        objects.insert(key.to_owned(), Object { body: object.body.into_bytes(), head });
        Ok(PutResult::Stored)
    }

    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Object>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ObjectStore for MemoryStore {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        Ok(self.object(key).map(|object| object.head))
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        Ok(self.object(key))
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<KeyPage, StoreError> {
        let objects = self.objects();
        let first = after.unwrap_or_default().max(prefix).to_owned();
        let keys = objects.range(first..).map(|(key, _)| key).take_while(|key| key.starts_with(prefix));
        Ok(KeyPage::of(keys.cloned(), after))
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError> {
        self.write(key, object, &condition)
    }
}

/// It knows no time: everything was written when time began.
#[async_trait]
impl VersionedStore for MemoryStore {
    async fn list_versions(&self, prefix: &str, after: Option<&str>) -> Result<VersionPage, StoreError> {
        let page = self.list(prefix, after).await?;
        let objects = page.keys.into_iter().filter_map(|key| {
            let object = self.object(&key)?;
            let size_bytes = object.body.len() as u64;
            Some(ObjectVersion { key, version: object.head.etag, size_bytes, written_at: None })
        });
        let objects: Vec<ObjectVersion> = objects.collect();
        let next = objects.last().map(|last| last.key.clone()).filter(|_| !page.is_last);
        Ok(VersionPage { objects, next })
    }

    async fn facts(&self, key: &str) -> Result<Option<ObjectFacts>, StoreError> {
        Ok(self.object(key).map(|Object { body, head }| ObjectFacts {
            version: head.etag,
            version_id: None,
            sha256: Some(sha256_hex(&body)),
            size_bytes: body.len() as u64,
            written_at: Timestamp::UNIX_EPOCH,
            metadata: head.metadata,
        }))
    }
}
