//! The secrets port: secrets by id, in up to two versions, and random bytes.

mod pem_bundle;

use async_trait::async_trait;
pub use pem_bundle::{InvalidPemBundle, PemBundle};
pub use secrecy::{ExposeSecret, SecretString};

/// Which version of a secret, by the staging labels of Secrets Manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// `AWSCURRENT`: the version in use.
    Current,
    /// `AWSPREVIOUS`: the version that was current before the last rotation.
    Previous,
}

/// A store of secrets, each in up to two versions.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The text of the secret `id` at `stage`; `None` if it has no such version.
    ///
    /// # Errors
    /// The service does not answer, the secret does not exist, or the permissions do not cover it.
    async fn get(&self, id: &str, stage: Stage) -> Result<Option<SecretString>, SecretError>;

    /// 16 random bytes of the operating system, which nobody can guess.
    ///
    /// # Errors
    /// The operating system gives none.
    fn random(&self) -> Result<[u8; 16], SecretError> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)
            .map_err(|_| SecretError::Unavailable { code: "no random bytes".to_owned() })?;
        Ok(bytes)
    }
}

/// Why a secret cannot be read. It holds no part of the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The permissions do not cover the secret, or it does not exist: a person must act.
    #[error("the secret cannot be read ({code}): check its id and the function's permissions")]
    Refused {
        /// The error code of the service.
        code: String,
    },
    /// The service does not answer. Try again.
    #[error("the secrets service does not answer ({code})")]
    Unavailable {
        /// The error code of the service, or why there was no response.
        code: String,
    },
}
