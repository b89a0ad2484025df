//! Reads an archive for people: an index, sessions, registers, pages and files.
//!
//! It knows the archive's contract and no function. Nothing here writes to the archive. Below each room stand those that
//! know it:
//!
//! [`text`] and [`model`] (what the archive says), [`rules`] (what counts as present), [`people`] (who is one person),
//! [`session`] (several reports as one session), [`roster`], [`register`] (a series: people down, sessions across),
//! [`index`] (SQLite, derived from the archive), [`times`] and [`words`] (as they are shown), [`pictures`] (SVG),
//! [`pseudonyms`] (copies without anybody's name), `files` (XLSX, CSV, JSON), `questions`, [`pages`].

pub mod files;
pub mod finder;
pub mod index;
pub mod model;
pub mod pages;
pub mod people;
pub mod pictures;
pub mod pseudonyms;
pub mod questions;
pub mod register;
pub mod roster;
pub mod rules;
#[cfg(test)]
pub(crate) mod samples;
pub mod session;
pub mod text;
pub mod times;
pub mod words;

// The samples of the tests are written once, for the tests beside the code and those of the whole crate.
#[cfg(test)]
extern crate self as reader;
