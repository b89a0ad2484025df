//! The keys behind `clientState`, as they rotate.

use std::sync::Arc;

use shared::cached::Cached;
use shared::client_state::ClientStateKey;
use shared::clock::Clock;
use shared::secrets::{SecretError, Secrets, Stage};

/// The current and the previous key; Graph sends back what a subscription was created with.
pub struct ClientStateKeys {
    secrets: Arc<dyn Secrets>,
    secret_id: String,
    cached: Cached<Vec<ClientStateKey>>,
}

impl ClientStateKeys {
    /// The keys in the secret `secret_id`; nothing is read yet.
    pub fn new(secrets: Arc<dyn Secrets>, secret_id: String, clock: Arc<dyn Clock>) -> Self {
        Self { secrets, secret_id, cached: Cached::new(clock) }
    }

    /// Whether one of the keys made `client_state` for `tenant_id`.
    ///
    /// # Errors
    /// The keys cannot be read, so nobody can say.
    pub(crate) async fn genuine(&self, client_state: &str, tenant_id: &str) -> Result<bool, SecretError> {
        let made = |key: &ClientStateKey| key.made(client_state, tenant_id);
        let by_one = |keys: &Vec<ClientStateKey>| keys.iter().any(made).then_some(());
        Ok(self.cached.find(async || self.read().await, by_one).await?.is_some())
    }

    /// Without a current key nobody can say what is genuine, so nothing may be dropped.
    async fn read(&self) -> Result<Vec<ClientStateKey>, SecretError> {
        let no_value = || SecretError::Refused { code: "it has no value".to_owned() };
        let current = self.secrets.get(&self.secret_id, Stage::Current).await?.ok_or_else(no_value)?;
        let previous = self.secrets.get(&self.secret_id, Stage::Previous).await?;
        Ok([current].into_iter().chain(previous).map(ClientStateKey::new).collect())
    }
}
