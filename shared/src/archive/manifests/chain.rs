//! The chain of roots, as who extends it must know it: whole, or not at all.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;

use super::{ROOTS, Root, RootEntry, root_key};
use crate::digest::sha256_hex;
use crate::ports::store::{ObjectStore, StoreError};

/// So many roots are read at once.
const AT_ONCE: usize = 16;

/// The chain of roots of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chain {
    /// How many roots there are.
    pub length: u64,
    /// The SHA-256 of the last root, in hex; `None` where there is none.
    pub last_sha256: Option<String>,
    /// The latest manifest of each group.
    pub latest: BTreeMap<String, RootEntry>,
    /// What was archived before may have expired (UTC); `None`: nothing ever did.
    pub expired_before: Option<Timestamp>,
}

/// Why the chain cannot be extended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenChain {
    /// The archive gave no answer, or refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A root is missing, cannot be read, or does not follow from the one before.
    #[error(
        "the chain of manifests is broken at root {0}: `rollcall verify` says how, and nothing is added to it until it is restored"
    )]
    At(u64),
}

impl Chain {
    /// Reads the chain, root by root.
    ///
    /// # Errors
    /// It is broken, or the archive gave no answer.
    pub async fn read(store: &dyn ObjectStore) -> Result<Self, BrokenChain> {
        let mut chain = Self::default();
        for (key, text) in roots(store).await? {
            let number = chain.length + 1;
            let (root, _) = Root::read(&text).map_err(|_| BrokenChain::At(number))?;
            let follows = key == root_key(number)
                && root.header.root == number
                && root.header.previous == chain.last_sha256;
            if !follows {
                return Err(BrokenChain::At(number));
            }
            chain.add(root, sha256_hex(&text));
        }
        Ok(chain)
    }

    fn add(&mut self, root: Root, sha256: String) {
        self.length = root.header.root;
        self.last_sha256 = Some(sha256);
        self.expired_before = self.expired_before.max(root.header.expired_before);
        self.latest.extend(root.entries.into_iter().map(|entry| (entry.group.clone(), entry)));
    }
}

/// The roots of an archive with their keys, in their order. What was deleted while they were listed is left out.
///
/// # Errors
/// The archive gave no answer, or refuses.
pub async fn roots(store: &dyn ObjectStore) -> Result<Vec<(String, Bytes)>, StoreError> {
    let (mut roots, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = store.list(ROOTS, after.as_deref()).await?;
        after = page.keys.last().cloned();
        let texts = page.keys.into_iter().map(async |key| {
            let object = store.get(&key).await?;
            Ok::<_, StoreError>(object.map(|object| (key, object.body)))
        });
        let texts: Vec<_> = stream::iter(texts).buffered(AT_ONCE).collect().await;
        for text in texts {
            roots.extend(text?);
        }
        if page.is_last {
            return Ok(roots);
        }
    }
}
