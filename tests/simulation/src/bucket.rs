//! An object store in memory whose effects may fail, with S3's conditional writes.

use std::sync::Arc;

use async_trait::async_trait;
use local::MemoryStore;
use shared::ports::store::{
    Condition, KeyPage, NewObject, Object, ObjectHead, ObjectStore, PutResult, StoreError,
};

use crate::oracle::Oracle;
use crate::scheduler::{Scheduler, Service};

/// The archive.
pub(crate) struct SimBucket {
    scheduler: Arc<Scheduler>,
    oracle: Arc<Oracle>,
    objects: MemoryStore,
}

impl SimBucket {
    /// An empty bucket.
    pub(crate) fn new(scheduler: &Arc<Scheduler>, oracle: &Arc<Oracle>) -> Self {
        Self { scheduler: Arc::clone(scheduler), oracle: Arc::clone(oracle), objects: MemoryStore::default() }
    }

    /// The objects below `prefix`.
    pub(crate) fn below(&self, prefix: &str) -> Vec<(String, Object)> {
        self.objects.below(prefix)
    }

    fn write(&self, key: &str, object: NewObject, condition: &Condition) -> Result<PutResult, StoreError> {
        self.allow()?;
        let (body, before) = (object.body.clone().into_bytes(), self.objects.object(key));
        let result = self.objects.write(key, object, condition)?;
        if result == PutResult::Stored {
            self.oracle.check_write(key, &body, before.as_ref().map(|object| &object.body));
        }
        Ok(result)
    }

    /// Refuses while the bucket's policy denies everything.
    fn allow(&self) -> Result<(), StoreError> {
        let refused = StoreError::Refused { code: "AccessDenied".into() };
        if self.scheduler.is_denied(Service::S3) { Err(refused) } else { Ok(()) }
    }

    /// 409, 500, 503, or no answer: the caller treats them alike.
    fn failure() -> StoreError {
        StoreError::Unavailable { code: "ConditionalRequestConflict".into() }
    }
}

#[async_trait]
impl ObjectStore for SimBucket {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        let read = || self.allow().map(|()| self.objects.object(key).map(|object| object.head));
        self.scheduler.effect(&format!("HEAD {key}"), read, Self::failure()).await
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        let read = || self.allow().map(|()| self.objects.object(key));
        self.scheduler.effect(&format!("GET {key}"), read, Self::failure()).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<KeyPage, StoreError> {
        let keys = || {
            self.allow()?;
            let below = self.objects.below(prefix).into_iter().map(|(key, _)| key);
            Ok(KeyPage::of(below, after))
        };
        self.scheduler.effect(&format!("LIST {prefix}"), keys, Self::failure()).await
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError> {
        let write = || self.write(key, object, &condition);
        self.scheduler.effect(&format!("PUT {key}"), write, Self::failure()).await
    }
}
