//! The archive: the keys of its objects, and whether a report is archived.

pub mod layout;
mod status;

pub use status::{ArchiveStatus, Counts, archive_status};
