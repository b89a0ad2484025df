//! Secrets in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use shared::ports::secrets::{SecretError, SecretString, Secrets, Stage};

/// Secrets held in memory: for the operator's command, which reads them from its environment, and
/// for tests.
#[derive(Debug, Default)]
pub struct MemorySecrets(Mutex<HashMap<(String, Stage), SecretString>>);

impl MemorySecrets {
    /// The same secrets, with `secret` as the version `stage` of `id`.
    #[must_use]
    pub fn with(self, id: &str, stage: Stage, secret: impl Into<SecretString>) -> Self {
        self.secrets().insert((id.to_owned(), stage), secret.into());
        self
    }

    /// Makes `secret` the current version of `id`, and the current one the previous.
    pub fn rotate(&self, id: &str, secret: impl Into<SecretString>) {
        let mut secrets = self.secrets();
        if let Some(current) = secrets.insert((id.to_owned(), Stage::Current), secret.into()) {
            secrets.insert((id.to_owned(), Stage::Previous), current);
        }
    }

    fn secrets(&self) -> MutexGuard<'_, HashMap<(String, Stage), SecretString>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Secrets for MemorySecrets {
    async fn get(&self, id: &str, stage: Stage) -> Result<Option<SecretString>, SecretError> {
        Ok(self.secrets().get(&(id.to_owned(), stage)).cloned())
    }
}
