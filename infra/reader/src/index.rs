//! The index: SQLite, in the user's cache folder, derived from the archive and safe to delete.
//!
//! Queries read while a refresh writes: each has a connection of its own, and sees the last transaction that was committed.

pub(crate) mod archived;
mod connections;
mod error;
mod file;
mod queries;
mod refresh;
mod rows;
#[cfg(test)]
mod tests;
mod types;

pub use connections::Index;
pub use error::IndexError;
pub use queries::Unreadable;
pub use refresh::Progress;
pub use types::{
    Completeness, IndexState, LedgerDay, Page, PersonLine, ReportSourceLine, SeriesLine, SeriesQuery,
    SessionLine, SessionQuery, SessionSort, SessionsByKind,
};
