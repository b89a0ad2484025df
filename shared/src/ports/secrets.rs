//! The secrets port.

mod pem_bundle;

use async_trait::async_trait;
pub use pem_bundle::{InvalidPemBundle, PemBundle};
pub use secrecy::{ExposeSecret, SecretString};

/// Which version of a secret, in Secrets Manager's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// `AWSCURRENT`.
    Current,
    /// `AWSPREVIOUS`: what was current before the last rotation.
    Previous,
}

/// Where secrets are kept, each in up to two versions.
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
        getrandom::fill(&mut bytes)
            .map_err(|_| SecretError::Unavailable { code: "no random bytes".to_owned() })?;
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
    #[error("the secrets service does not answer ({code})")]
    Unavailable {
        /// The service's error code, or why there was no answer.
        code: String,
    },
}
