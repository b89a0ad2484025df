//! The roots of an archive: each must follow from the one before, and be signed.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use shared::archive::manifests::{ROOTS, Root, RootEntry, RootSignature, root_key, roots};
use shared::digest::sha256_hex;
use shared::ports::store::{StoreError, VersionedStore};

use super::findings::{Findings, LastRoot, What};
use super::trust::Trust;

/// What the roots say, as far as they can be read.
#[derive(Debug, Default)]
pub(super) struct Roots {
    /// The manifests of each group, in the order of their roots.
    pub(super) manifests: BTreeMap<String, Vec<RootEntry>>,
    /// When the last walk began that has ended: what was written long before is in a manifest.
    pub(super) walk_began: Option<Timestamp>,
    /// What was archived before may have expired, as one of the roots says; `None`: nothing has.
    pub(super) expired_before: Option<Timestamp>,
}

impl Roots {
    pub(super) async fn read(
        store: &dyn VersionedStore,
        trust: &Trust,
        findings: &mut Findings,
    ) -> Result<Self, StoreError> {
        let texts = roots(store).await?;
        let roots: Vec<_> = texts.iter().map(|(key, text)| (key, Root::read(text).ok())).collect();
        let hashes: Vec<String> = texts.iter().map(|(_, text)| sha256_hex(text)).collect();
        check_chain(&roots, &hashes, findings);
        let is_noted = trust.root.as_ref().is_none_or(|noted| hashes.contains(noted));
        if roots.is_empty() || !is_noted {
            findings.add(What::Root, ROOTS);
        }
        if !trust.keys.is_empty() {
            check_signatures(&texts, &roots, trust, findings);
        }
        findings.roots = roots.len();
        findings.last_root = last_root(&roots, &hashes);
        let mut all = Self::default();
        roots.into_iter().filter_map(|(_, root)| root).for_each(|(root, _)| all.add(root));
        Ok(all)
    }

    fn add(&mut self, root: Root) {
        self.walk_began = root.header.walk_began.or(self.walk_began);
        self.expired_before = self.expired_before.max(root.header.expired_before);
        for entry in root.entries {
            self.manifests.entry(entry.group.clone()).or_default().push(entry);
        }
    }
}

/// A root with its key and signature; `None` where it cannot be read.
type ReadRoot<'a> = (&'a String, Option<(Root, RootSignature)>);

/// Each root must have the number after the one before it, which it must name. Those behind a gap may be in order again.
fn check_chain(roots: &[ReadRoot<'_>], hashes: &[String], findings: &mut Findings) {
    let (mut number, mut previous) = (0_u64, None);
    for ((key, root), sha256) in roots.iter().zip(hashes) {
        number = number.saturating_add(1);
        let header = root.as_ref().map(|(root, _)| &root.header);
        let follows = header.is_some_and(|header| {
            header.root == number && **key == root_key(number) && header.previous.as_ref() == previous
        });
        if !follows {
            findings.add(What::Root, *key);
        }
        number = header.map_or(number, |header| header.root);
        previous = Some(sha256);
    }
}

/// Each signature must be of one of the keys. From the first signed root on none may be without, and the last one never: it
/// vouches for all before it.
fn check_signatures(
    texts: &[(String, Bytes)],
    roots: &[ReadRoot<'_>],
    trust: &Trust,
    findings: &mut Findings,
) {
    let (mut signed, mut must_be_signed) = (0, false);
    for (index, ((key, root), (_, text))) in roots.iter().zip(texts).enumerate() {
        let Some((_, signature)) = root else { continue };
        must_be_signed |= signature.signature.is_some() || index + 1 == roots.len();
        if signature.is_of(text, &trust.keys) {
            signed += 1;
        } else if must_be_signed {
            findings.add(What::Signature, *key);
        }
    }
    findings.signed_roots = Some(signed);
}

fn last_root(roots: &[ReadRoot<'_>], hashes: &[String]) -> Option<LastRoot> {
    let mut roots = roots.iter().zip(hashes).rev();
    roots.find_map(|((_, root), sha256)| {
        let header = &root.as_ref()?.0.header;
        Some(LastRoot { root: header.root, sha256: sha256.clone(), written_at: header.written_at })
    })
}
