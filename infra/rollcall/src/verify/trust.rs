//! With what the roots of an archive are compared.

use shared::archive::manifests::PublicKey;

/// With what an archive's roots are compared.
#[derive(Debug, Default)]
pub struct Trust {
    /// The keys that sign roots; none: signatures are not looked at.
    pub keys: Vec<PublicKey>,
    /// The SHA-256 of a root, in hex, that somebody wrote down elsewhere: the chain must have it.
    pub root: Option<String>,
}
