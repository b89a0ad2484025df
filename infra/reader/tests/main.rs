//! What other people's programs make of an archive: of the files, and of the pages in a real browser.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod files_read_by_others;
mod odd_archive;
mod pages_in_a_browser;
mod person_found;
mod pseudonymised_copies;
mod samples;
