//! A store in memory, for tests.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Condition, NewObject, Object, ObjectHead, ObjectStore, StoreError, Written};

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<BTreeMap<String, Object>>);

impl MemoryStore {
    /// The keys of all objects, in order.
    pub fn keys(&self) -> Vec<String> {
        self.objects().keys().cloned().collect()
    }

    /// Takes an object away, as an expired claim check goes.
    pub fn expire(&self, key: &str) {
        self.objects().remove(key);
    }

    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Object>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ObjectStore for MemoryStore {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        Ok(self.objects().get(key).map(|object| object.head.clone()))
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        Ok(self.objects().get(key).cloned())
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<Written, StoreError> {
        let etag = object.checked()?;
        let mut objects = self.objects();
        let current = objects.get(key).map(|object| object.head.etag.as_str());
        if !condition.holds(current) {
            return Ok(Written::Refused);
        }
        let head = ObjectHead { etag, metadata: object.metadata };
        objects.insert(key.to_owned(), Object { body: object.body, head });
        Ok(Written::Stored)
    }
}
