//! The keys behind `clientState`, as they rotate.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use shared::client_state::ClientStateKey;
use shared::clock::Clock;
use shared::secrets::{SecretError, Secrets, Stage};
use tokio::sync::Mutex;

/// How long the keys are kept before they are read again.
const KEEP: SignedDuration = SignedDuration::from_mins(5);
/// How soon they are read again for a `clientState` that no key made: it may be from a new key, or
/// from a stranger who makes us read.
const REREAD: SignedDuration = SignedDuration::from_secs(10);

/// The current and the previous key; Graph sends back what a subscription was created with.
pub struct ClientStateKeys {
    secrets: Arc<dyn Secrets>,
    secret_id: String,
    clock: Arc<dyn Clock>,
    read: Mutex<Option<Keys>>,
}

struct Keys {
    keys: Vec<ClientStateKey>,
    read_at: Timestamp,
}

impl ClientStateKeys {
    /// The keys in the secret `secret_id`; nothing is read yet.
    pub fn new(secrets: Arc<dyn Secrets>, secret_id: String, clock: Arc<dyn Clock>) -> Self {
        Self { secrets, secret_id, clock, read: Mutex::default() }
    }

    /// Whether one of the keys made `client_state` for `tenant_id`.
    ///
    /// # Errors
    /// The keys cannot be read, so nobody can say.
    pub(crate) async fn genuine(&self, client_state: &str, tenant_id: &str) -> Result<bool, SecretError> {
        Ok(self.made_by_keys_read_within(KEEP, client_state, tenant_id).await?
            || self.made_by_keys_read_within(REREAD, client_state, tenant_id).await?)
    }

    async fn made_by_keys_read_within(
        &self,
        age: SignedDuration,
        client_state: &str,
        tenant_id: &str,
    ) -> Result<bool, SecretError> {
        let mut read = self.read.lock().await;
        let now = self.clock.now();
        let made = |keys: &Keys| keys.keys.iter().any(|key| key.made(client_state, tenant_id));
        if read.as_ref().is_none_or(|keys| now.duration_since(keys.read_at) >= age) {
            match self.keys().await {
                Ok(keys) => *read = Some(Keys { keys, read_at: now }),
                // What is known to be genuine stays so while the keys cannot be read again.
                Err(_) if read.as_ref().is_some_and(made) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read.as_ref().is_some_and(made))
    }

    /// Without a current key nobody can say what is genuine, so nothing may be dropped.
    async fn keys(&self) -> Result<Vec<ClientStateKey>, SecretError> {
        let no_value = || SecretError::Refused { code: "it has no value".to_owned() };
        let current = self.secrets.get(&self.secret_id, Stage::Current).await?.ok_or_else(no_value)?;
        let previous = self.secrets.get(&self.secret_id, Stage::Previous).await?;
        Ok([current].into_iter().chain(previous).map(ClientStateKey::new).collect())
    }
}
