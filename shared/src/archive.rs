//! The archive: the keys of its objects, whether a report is archived, and what it was a report of.

mod events;
pub mod layout;
mod status;

pub use events::archived_title;
pub use status::{ArchiveStatus, Counts, LOOKS_AT_ONCE, archive_status, archive_statuses};
