//! What other people's programs make of the files.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod files_read_by_others;
mod samples;
