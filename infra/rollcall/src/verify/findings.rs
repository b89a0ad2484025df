//! What was found in an archive.

use jiff::Timestamp;
use serde::Serialize;

/// What is wrong with an object, or worth telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum What {
    /// A root is missing, cannot be read, or does not follow from the one before.
    Root,
    /// A root has no signature of the keys given, and must have one.
    Signature,
    /// A manifest is missing, or not as its root names it.
    Manifest,
    /// An object has other bytes than its manifest says.
    Changed,
    /// An object is missing that its manifest names.
    Removed,
    /// An object was there when the manifests were written, by its time, and is in none.
    Added,
    /// An object is in no manifest yet: it is newer than the last walk over the archive.
    Pending,
    /// An erasure changed the object or took it away, as its manifest says.
    Erased,
    /// An object is missing that its manifest names, and is older than the archive's retention keeps any.
    Expired,
}

impl What {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 9] = [
        Self::Root,
        Self::Signature,
        Self::Manifest,
        Self::Changed,
        Self::Removed,
        Self::Added,
        Self::Pending,
        Self::Erased,
        Self::Expired,
    ];

    /// Whether the archive is not as it was left.
    pub fn is_fault(self) -> bool {
        !matches!(self, Self::Pending | Self::Erased | Self::Expired)
    }
}

/// One thing that was found, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// What is wrong, or worth telling.
    pub what: What,
    /// The key of the object.
    pub key: String,
}

/// The last root of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LastRoot {
    /// Its number, which counts from 1.
    pub root: u64,
    /// The SHA-256 of its bytes, in hex: who writes it down elsewhere can tell later whether the chain still has it.
    pub sha256: String,
    /// When it was written (UTC).
    pub written_at: Timestamp,
}

/// All that was found in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// How many roots there are.
    pub roots: usize,
    /// The last of them; `None` where there is none that can be read.
    pub last_root: Option<LastRoot>,
    /// How many roots have a signature of one of the keys; `None` where no key was given.
    pub signed_roots: Option<usize>,
    /// How many groups of objects have a manifest that is as its root names it.
    pub manifests: usize,
    /// How many objects have the bytes that their manifests name.
    pub intact: usize,
    /// What else was found, in order.
    pub findings: Vec<Finding>,
}

impl Findings {
    /// Whether nothing was changed, removed or added.
    pub fn is_intact(&self) -> bool {
        !self.findings.iter().any(|finding| finding.what.is_fault())
    }

    pub(super) fn add(&mut self, what: What, key: impl Into<String>) {
        self.findings.push(Finding { what, key: key.into() });
    }

    pub(super) fn sort(&mut self) {
        self.findings.sort();
        self.findings.dedup();
    }
}
