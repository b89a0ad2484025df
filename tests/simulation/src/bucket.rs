//! A bucket with S3's conditional writes and versions.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use shared::store::{Condition, NewObject, Object, ObjectHead, ObjectStore, StoreError, Written};

use crate::scheduler::Scheduler;
use crate::truth::Truth;

/// The archive.
pub(crate) struct SimBucket {
    scheduler: Arc<Scheduler>,
    truth: Arc<Truth>,
    /// The current versions.
    objects: Mutex<BTreeMap<String, Object>>,
}

impl SimBucket {
    /// An empty one.
    pub(crate) fn new(scheduler: &Arc<Scheduler>, truth: &Arc<Truth>) -> Self {
        Self { scheduler: Arc::clone(scheduler), truth: Arc::clone(truth), objects: Mutex::default() }
    }

    /// The objects below `prefix`.
    pub(crate) fn below(&self, prefix: &str) -> Vec<(String, Object)> {
        let objects = self.objects();
        let below = objects.iter().filter(|(key, _)| key.starts_with(prefix));
        below.map(|(key, object)| (key.clone(), object.clone())).collect()
    }

    fn write(&self, key: &str, object: NewObject, condition: &Condition) -> Result<Written, StoreError> {
        let sha256 = object.checked()?;
        let mut objects = self.objects();
        let current = objects.get(key);
        let holds = match condition {
            Condition::Always => true,
            Condition::IfAbsent => current.is_none(),
            Condition::IfMatch(etag) => current.is_some_and(|object| object.head.etag == *etag),
        };
        if !holds {
            return Ok(Written::Refused);
        }
        self.truth.written(key, &object.body, current.map(|object| &object.body));
        let head = ObjectHead { etag: format!("\"{sha256}\""), metadata: object.metadata };
        objects.insert(key.to_owned(), Object { body: object.body, head });
        Ok(Written::Stored)
    }

    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Object>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// 409, 500, 503, or no answer: all the same to the caller.
    fn failure() -> StoreError {
        StoreError::Unavailable { code: "ConditionalRequestConflict".into() }
    }
}

#[async_trait]
impl ObjectStore for SimBucket {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        let look = || Ok(self.objects().get(key).map(|object| object.head.clone()));
        self.scheduler.effect(&format!("HEAD {key}"), look, Self::failure()).await
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        let look = || Ok(self.objects().get(key).cloned());
        self.scheduler.effect(&format!("GET {key}"), look, Self::failure()).await
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<Written, StoreError> {
        let write = || self.write(key, object, &condition);
        self.scheduler.effect(&format!("PUT {key}"), write, Self::failure()).await
    }
}
