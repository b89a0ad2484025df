//! With what people are erased, and how far it is.

use std::sync::Arc;

use shared::archive::erasure::TombstoneKey;
use shared::ports::clock::Clock;
use shared::ports::store::VersionedStore;

use crate::versions::Versions;

/// An archive, or its replica.
#[derive(Clone)]
pub struct Archive {
    /// Its objects, in their latest versions.
    pub store: Arc<dyn VersionedStore>,
    /// All versions of them, with their deletion.
    pub versions: Arc<dyn Versions>,
}

/// With what people are erased.
pub struct Eraser {
    /// The archive that people are erased from.
    pub archive: Archive,
    /// A bucket that S3 copies the archive into; `None` where there is none.
    pub replica: Option<Archive>,
    /// What tombstones are hashed with.
    pub key: TombstoneKey,
    /// The time, and the wait before the second look.
    pub clock: Arc<dyn Clock>,
    /// Is told how far it is.
    pub progress: Arc<dyn Fn(Stage) + Send + Sync>,
}

/// How far an erasure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It finds out who is meant.
    Resolving {
        /// Which pass it is, from 1.
        pass: usize,
        /// How many objects were looked at in this pass.
        objects: u64,
    },
    /// It looks through all versions.
    Reading {
        /// How many were looked at.
        versions: u64,
    },
    /// It writes objects without the person.
    Writing {
        /// How many are done.
        done: usize,
        /// How many there are.
        of: usize,
    },
    /// It waits for the second look.
    Waiting {
        /// How many seconds are left.
        left: u64,
        /// How many there are.
        of: u64,
    },
}
