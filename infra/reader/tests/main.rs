//! What other people's programs make of the files.

mod dump;
mod files_read_by_others;
mod samples;
