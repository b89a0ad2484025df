//! A bucket in memory that counts its requests and takes the time of S3.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use local::MemoryStore;
use shared::ports::clock::Clock;
use shared::ports::store::{
    Condition, KeyPage, NewObject, Object, ObjectHead, ObjectStore, PutResult, StoreError,
};

/// How long a request of S3 takes.
const S3_TAKES: Duration = Duration::from_millis(30);

/// The archive, the requests for it by their kinds, and the largest object of what the functions make themselves.
pub(super) struct Bucket {
    clock: Arc<dyn Clock>,
    objects: MemoryStore,
    requests: Mutex<BTreeMap<&'static str, usize>>,
    largest: Mutex<usize>,
}

impl Bucket {
    /// An empty bucket.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, objects: MemoryStore::default(), requests: Mutex::default(), largest: Mutex::default() }
    }

    /// The requests so far, by their kinds.
    pub(super) fn requests(&self) -> BTreeMap<&'static str, usize> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many bytes the largest object has that was written since this was last asked, of parts and ledgers.
    pub(super) fn take_largest(&self) -> usize {
        std::mem::take(&mut *self.largest.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many objects there are below `prefix`.
    pub(super) fn count(&self, prefix: &str) -> usize {
        self.objects.below(prefix).len()
    }

    async fn request(&self, kind: &'static str) {
        self.clock.sleep(S3_TAKES).await;
        *self.requests.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default() += 1;
    }
}

#[async_trait]
impl ObjectStore for Bucket {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        self.request("HEAD").await;
        self.objects.head(key).await
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        self.request("GET").await;
        self.objects.get(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<KeyPage, StoreError> {
        self.request("LIST").await;
        self.objects.list(prefix, after).await
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError> {
        self.request("PUT").await;
        if key.starts_with("audits/") || key.starts_with("staging/audits/") {
            let mut largest = self.largest.lock().unwrap_or_else(PoisonError::into_inner);
            *largest = object.body.len().max(*largest);
        }
        self.objects.put(key, object, condition).await
    }
}
