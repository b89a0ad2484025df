//! A line of a manifest: one version of one object.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A version of an object, as a manifest names it. Of several lines with the same key the last one holds; the bytes of those
/// before it are kept as revisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestLine {
    /// The object's key, below the archive's root.
    pub key: String,
    /// The SHA-256 of its bytes, in lower-case hex; `None` where an erasure took the object away.
    pub sha256: Option<String>,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// What lists show of this version: S3's etag, or a file's size and time. Opaque.
    pub version: String,
    /// S3's version id; `None` where the bucket keeps no versions, and in a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// When the object was written (UTC).
    pub archived_at: Timestamp,
    /// The key of the record of the erasure that changed the object or took it away: then the bytes before it are not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erasure: Option<String>,
}

impl ManifestLine {
    /// The line as JSON, with its line end.
    ///
    /// # Errors
    /// It cannot be written, which happens to no line.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self).map(|line| line + "\n")
    }
}

/// Reads the lines of a manifest, in order.
///
/// # Errors
/// One of them is not a line.
pub fn read_lines(manifest: &[u8]) -> serde_json::Result<Vec<ManifestLine>> {
    let lines = manifest.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(serde_json::from_slice).collect()
}
