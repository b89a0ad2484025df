//! The tombstones of an archive, as a process knows them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::{Tombstone, TombstoneKey, Tombstones};
use crate::archive::layout;
use crate::ports::clock::Clock;
use crate::ports::secrets::{SecretError, Secrets, Stage};
use crate::ports::store::{ObjectStore, StoreError};

/// For how long the tombstones that were read are all that there are. Who writes one waits so long, and for the time-out of
/// a function that began before, until nothing of the person is written any more.
const KEEP: SignedDuration = SignedDuration::from_mins(5);

/// Reads the tombstones of an archive: a list every five minutes, then what is new, and the key only where there is one.
pub struct TombstoneReader {
    store: Arc<dyn ObjectStore>,
    secrets: Arc<dyn Secrets>,
    key_id: Option<String>,
    clock: Arc<dyn Clock>,
    /// By tenants.
    read: Mutex<HashMap<String, Read>>,
}

/// What was read of a tenant.
struct Read {
    at: Timestamp,
    by_key: BTreeMap<String, Tombstone>,
    all: Arc<Tombstones>,
}

/// Why it is not known who was erased: until it is, nothing may be kept.
#[derive(Debug, thiserror::Error)]
pub enum TombstoneError {
    /// The store gave no answer, or refuses.
    #[error("the tombstones of erased people cannot be read: {0}")]
    Store(#[from] StoreError),
    /// The secret with the key cannot be read.
    #[error("the key of the tombstones cannot be read: {0}")]
    Secret(#[from] SecretError),
    /// There is a tombstone and no key, or another one than it was made with.
    #[error(
        "there are tombstones of erased people, and no key, or not theirs: give the secret that the erasure was made with"
    )]
    NoKey,
    /// An object among the tombstones is none.
    #[error("`{0}` is no tombstone: restore the version before it")]
    Unreadable(String),
}

impl TombstoneReader {
    /// The tombstones in `store`; their key is the secret with the id `key_id`, `None` where nobody was erased.
    pub fn new(
        store: Arc<dyn ObjectStore>,
        secrets: Arc<dyn Secrets>,
        key_id: Option<String>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { store, secrets, key_id, clock, read: Mutex::default() }
    }

    /// All tombstones of a tenant, as they were at most five minutes ago. One caller reads; the others wait.
    ///
    /// # Errors
    /// They cannot be read: it is not known who was erased.
    pub async fn tombstones(&self, tenant_id: &str) -> Result<Arc<Tombstones>, TombstoneError> {
        let mut read = self.read.lock().await;
        let now = self.clock.now();
        let known = read.get(tenant_id);
        if let Some(known) = known.filter(|known| now.duration_since(known.at) < KEEP) {
            return Ok(known.all.clone());
        }
        let none = BTreeMap::new();
        let by_key = self.read_new(tenant_id, known.map_or(&none, |known| &known.by_key)).await?;
        let all = match known.filter(|known| known.by_key == by_key) {
            Some(known) => known.all.clone(),
            None => Arc::new(self.with_key(by_key.values().cloned().collect()).await?),
        };
        read.insert(tenant_id.to_owned(), Read { at: now, by_key, all: all.clone() });
        Ok(all)
    }

    /// The tombstones that there are now; those that are known are not read again, for none changes.
    async fn read_new(
        &self,
        tenant_id: &str,
        known: &BTreeMap<String, Tombstone>,
    ) -> Result<BTreeMap<String, Tombstone>, TombstoneError> {
        let prefix = layout::tombstones(tenant_id);
        let mut by_key = BTreeMap::new();
        loop {
            let after = by_key.last_key_value().map(|(key, _): (&String, _)| key.as_str());
            let page = self.store.list(&prefix, after).await?;
            for key in page.keys {
                let tombstone = match known.get(&key) {
                    Some(known) => known.clone(),
                    None => self.read_one(&key).await?,
                };
                by_key.insert(key, tombstone);
            }
            if page.is_last {
                return Ok(by_key);
            }
        }
    }

    async fn read_one(&self, key: &str) -> Result<Tombstone, TombstoneError> {
        let gone = || StoreError::Unavailable { code: "a tombstone has gone".to_owned() };
        let object = self.store.get(key).await?.ok_or_else(gone)?;
        serde_json::from_slice(&object.body).map_err(|_| TombstoneError::Unreadable(key.to_owned()))
    }

    async fn with_key(&self, tombstones: Vec<Tombstone>) -> Result<Tombstones, TombstoneError> {
        if tombstones.is_empty() {
            return Ok(Tombstones::default());
        }
        let key_id = self.key_id.as_deref().ok_or(TombstoneError::NoKey)?;
        let secret = self.secrets.get(key_id, Stage::Current).await?.ok_or(TombstoneError::NoKey)?;
        Tombstones::new(TombstoneKey::new(&secret), tombstones).ok_or(TombstoneError::NoKey)
    }
}
