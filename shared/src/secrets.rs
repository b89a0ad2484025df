//! The secrets port.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
pub use secrecy::{ExposeSecret, SecretString};

/// Which version of a secret, in Secrets Manager's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// `AWSCURRENT`.
    Current,
    /// `AWSPREVIOUS`: what was current before the last rotation.
    Previous,
}

/// Keeps secrets.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The secret `id` at `stage`; `None` if it has no such version.
    ///
    /// # Errors
    /// The secret cannot be read now, or not with these rights.
    async fn get(&self, id: &str, stage: Stage) -> Result<Option<SecretString>, SecretError>;

    /// Bytes that nobody can guess.
    ///
    /// # Errors
    /// The system gives none.
    fn random(&self) -> Result<[u8; 16], SecretError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| SecretError::Unavailable)?;
        Ok(bytes)
    }
}

/// A secret that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Nobody may read it with these rights, or it does not exist: a person must act.
    #[error("the secret cannot be read ({code}): check its id and the function's permissions")]
    Refused {
        /// The service's error code.
        code: String,
    },
    /// The service does not answer. Try again.
    #[error("the secrets service does not answer")]
    Unavailable,
}

/// Secrets held in memory: for the operator's command, which reads them from its environment, and
/// for tests.
#[derive(Debug, Default)]
pub struct MemorySecrets(Mutex<HashMap<(String, Stage), SecretString>>);

impl MemorySecrets {
    /// With one more secret.
    #[must_use]
    pub fn with(self, id: &str, stage: Stage, secret: impl Into<SecretString>) -> Self {
        self.secrets().insert((id.to_owned(), stage), secret.into());
        self
    }

    /// Makes `secret` the current version, and the current one the previous.
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
