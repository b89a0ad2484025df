//! Files that people take away: a session or a register as CSV, XLSX, JSON and HTML, and the CSV that Teams gives.
//!
//! Each is made of what the rooms below know, and of nothing else: bytes out, no file opened. A text of Graph's is
//! never a formula in them, and never markup.

mod aggregate;
pub mod csv;
mod error;
mod guard;
pub mod html;
pub mod json;
pub mod names;
pub mod person;
pub mod pseudonymised;
#[cfg(test)]
#[path = "../tests/samples.rs"]
mod samples;
pub mod table;
mod teams_csv;
pub mod xlsx;

pub use error::FileError;
pub use teams_csv::{TeamsOptions, registrants as teams_registrants, teams_csv};
