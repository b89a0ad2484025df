//! The archive: what is kept in it, under which key, and whether it is there.

pub mod layout;
mod status;

pub use status::{ArchiveStatus, archive_status};
