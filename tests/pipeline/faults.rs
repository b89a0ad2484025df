//! Ports with injected faults.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use local::MemorySecrets;
use shared::ports::queue::{OutgoingMessage, Queue, QueueError};
use shared::ports::secrets::{SecretError, SecretString, Secrets, Stage};
use shared::ports::store::{
    Condition, KeyPage, NewObject, Object, ObjectHead, ObjectStore, PutResult, StoreError,
};

/// A store whose calls fail by injected faults.
pub(crate) struct FaultyStore {
    store: Arc<dyn ObjectStore>,
    faults: Mutex<Vec<StoreFault>>,
    /// How often each call was made.
    pub(crate) reads: AtomicUsize,
    pub(crate) writes: AtomicUsize,
}

/// How a call to the store fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreFault {
    /// A HEAD is refused, as without the right to list.
    HeadRefused,
    /// A HEAD below this prefix is refused.
    HeadBelowRefused(&'static str),
    /// A GET below this prefix is refused.
    GetRefused(&'static str),
    /// A GET below this prefix gets no answer.
    GetHangs(&'static str),
    /// A write to a key with this prefix is refused, and nothing is written.
    PutRefused(&'static str),
    /// A write to a key with this prefix is done, but its answer is lost.
    PutAnswerLost(&'static str),
}

impl FaultyStore {
    pub(crate) fn new(store: Arc<dyn ObjectStore>) -> Self {
        Self { store, faults: Mutex::default(), reads: AtomicUsize::new(0), writes: AtomicUsize::new(0) }
    }

    /// The next call of its kind fails.
    pub(crate) fn fail(&self, fault: StoreFault) {
        self.faults.lock().unwrap().push(fault);
    }

    fn fails(&self, due: impl Fn(&StoreFault) -> bool) -> bool {
        let mut faults = self.faults.lock().unwrap();
        let found = faults.iter().position(due);
        found.map(|index| faults.remove(index)).is_some()
    }
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        if self.fails(|fault| *fault == StoreFault::HeadRefused) {
            return Err(StoreError::Refused { code: "AccessDenied".into() });
        }
        if self.fails(|fault| matches!(fault, StoreFault::HeadBelowRefused(below) if key.starts_with(below)))
        {
            return Err(StoreError::Refused { code: "AccessDenied".into() });
        }
        self.store.head(key).await
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        if self.fails(|fault| matches!(fault, StoreFault::GetRefused(below) if key.starts_with(below))) {
            return Err(StoreError::Refused { code: "AccessDenied".into() });
        }
        if self.fails(|fault| matches!(fault, StoreFault::GetHangs(below) if key.starts_with(below))) {
            std::future::pending::<()>().await;
        }
        self.store.get(key).await
    }

    /// S3 charges a list as it does a write.
    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<KeyPage, StoreError> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        self.store.list(prefix, after).await
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        if self.fails(|fault| matches!(fault, StoreFault::PutRefused(prefix) if key.starts_with(prefix))) {
            return Err(StoreError::Refused { code: "AccessDenied".into() });
        }
        let lost =
            self.fails(|fault| matches!(fault, StoreFault::PutAnswerLost(prefix) if key.starts_with(prefix)));
        let written = self.store.put(key, object, condition).await;
        if lost { Err(StoreError::Unavailable { code: "time-out".into() }) } else { written }
    }
}

/// Secrets that are unavailable while `down` is set.
pub(crate) struct FlakySecrets {
    pub(crate) secrets: MemorySecrets,
    pub(crate) down: AtomicBool,
}

#[async_trait]
impl Secrets for FlakySecrets {
    async fn get(&self, id: &str, stage: Stage) -> Result<Option<SecretString>, SecretError> {
        if self.down.load(Ordering::Relaxed) {
            return Err(SecretError::Unavailable { code: "time-out".into() });
        }
        self.secrets.get(id, stage).await
    }
}

/// A queue that accepts no message: it refuses, or never answers.
pub(crate) enum BrokenQueue {
    Refuses,
    Hangs,
}

#[async_trait]
impl Queue for BrokenQueue {
    async fn send(&self, _: Vec<OutgoingMessage>) -> Result<(), QueueError> {
        match self {
            Self::Refuses => Err(QueueError::Refused { code: "AccessDenied".into() }),
            Self::Hangs => std::future::pending().await,
        }
    }

    async fn postpone(&self, _: &str, _: Duration) -> Result<(), QueueError> {
        Err(QueueError::Unavailable { code: "time-out".into() })
    }
}
