//! What a refresh tells while it is under way.

/// How far a refresh has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// How many objects were listed.
    pub listed: u64,
    /// How many of them were read, for they are new or have changed.
    pub read: u64,
}
