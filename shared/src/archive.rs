//! The archive: the keys of its objects, whether a report is archived, what it was a report of, its manifests, and what is
//! erased from it.

pub mod erasure;
mod events;
pub mod layout;
pub mod manifests;
mod status;

pub use events::archived_title;
pub use status::{ArchiveStatus, Counts, LOOKS_AT_ONCE, archive_status, archive_statuses};
