//! Why a step of a walk did not end.

use shared::archive::manifests::BrokenChain;
use shared::ports::secrets::SecretError;
use shared::ports::store::StoreError;

/// Why a step did not end. Nothing that it wrote counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// The archive gave no answer, or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The chain of roots is broken.
    #[error(transparent)]
    Chain(#[from] BrokenChain),
    /// A manifest is missing or not as its root names it.
    #[error(
        "the manifest of {0} is not as its root names it: `rollcall verify` says more, and nothing is added to it until it is restored"
    )]
    Damaged(String),
    /// Somebody else has written the root: what is new is looked for again.
    #[error("another walk has written the next root")]
    Raced,
    /// The key could not sign.
    #[error("the root cannot be signed: {0}")]
    Sign(SecretError),
}
