//! The keys behind `clientState`, as they rotate.

use std::sync::Arc;

use jiff::Timestamp;
use shared::graph::ClientStateKey;
use shared::lambda::cache::{Lookup, RefreshingCache};
use shared::model::ResourceKind;
use shared::ports::clock::Clock;
use shared::ports::secrets::{SecretError, Secrets, Stage};

/// The current and the previous key; Graph sends back what a subscription was created with.
pub struct ClientStateKeys {
    secrets: Arc<dyn Secrets>,
    secret_id: String,
    cache: RefreshingCache<Vec<ClientStateKey>>,
}

/// What the keys say of a `clientState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// One of the keys signed it, for this kind of resource, and it has not ended.
    Genuine(ResourceKind),
    /// None of the keys signed it, or it has ended.
    Foreign,
    /// None of the keys signed it, but they were read moments before it came, and a new one may exist since.
    Undecided,
}

impl ClientStateKeys {
    /// The keys in the secret `secret_id`; nothing is read yet.
    pub fn new(secrets: Arc<dyn Secrets>, secret_id: String, clock: Arc<dyn Clock>) -> Self {
        Self { secrets, secret_id, cache: RefreshingCache::new(clock) }
    }

    /// Whether one of the keys signed `client_state` for `tenant_id`, in a notification that came at
    /// `arrival`.
    ///
    /// # Errors
    /// The keys cannot be read, so nobody can say.
    pub(crate) async fn verify(
        &self,
        client_state: &str,
        tenant_id: &str,
        arrival: Timestamp,
    ) -> Result<Verdict, SecretError> {
        let verify = |key: &ClientStateKey| key.verify(client_state, tenant_id, arrival);
        let by_one = |keys: &Vec<ClientStateKey>| keys.iter().find_map(verify);
        Ok(match self.cache.find_as_of(arrival, async || self.read().await, by_one).await? {
            Lookup::Found(kind) => Verdict::Genuine(kind),
            Lookup::Unknown if ClientStateKey::is_well_formed(client_state) => Verdict::Undecided,
            Lookup::Unknown | Lookup::Absent => Verdict::Foreign,
        })
    }

    /// Without a current key nobody can say what is genuine, so nothing may be dropped.
    async fn read(&self) -> Result<Vec<ClientStateKey>, SecretError> {
        let no_value = || SecretError::Refused { code: "it has no value".to_owned() };
        let current = self.secrets.get(&self.secret_id, Stage::Current).await?.ok_or_else(no_value)?;
        let previous = self.secrets.get(&self.secret_id, Stage::Previous).await?;
        Ok([current].iter().chain(&previous).map(ClientStateKey::new).collect())
    }
}
