//! The secrets port.

use std::collections::HashMap;

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
#[derive(Debug, Clone, Default)]
pub struct MemorySecrets(HashMap<(String, Stage), SecretString>);

impl MemorySecrets {
    /// With one more secret.
    #[must_use]
    pub fn with(mut self, id: &str, stage: Stage, secret: impl Into<SecretString>) -> Self {
        self.0.insert((id.to_owned(), stage), secret.into());
        self
    }
}

#[async_trait]
impl Secrets for MemorySecrets {
    async fn get(&self, id: &str, stage: Stage) -> Result<Option<SecretString>, SecretError> {
        Ok(self.0.get(&(id.to_owned(), stage)).cloned())
    }
}
