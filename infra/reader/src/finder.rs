//! All that an archive has about one person: in which object, where in it, and how it is known.
//!
//! ```text
//! Who ── learn: pass after pass, until nothing new is known of the person ──▶ Resolution: one Subject, several, nobody
//! Subject ── find: one more pass ──▶ of each object its Matches, sure or doubtful
//! ```
//!
//! Who is one person is told by [`people`](crate::people), as in a register; here is only read what an object names. Every
//! prefix is looked at but the manifests, which name keys and hashes. What is held of the archive is what concerns the person,
//! and a few objects at a time.

mod attendance;
mod json;
mod learning;
mod matching;
mod mentions;
mod object;
mod records;
mod same;
mod subject;
mod terms;
#[cfg(test)]
mod tests;
mod walk;
mod who;
mod why;

pub use attendance::Attendance;
pub use learning::Resolution;
pub use matching::{Match, Place};
pub use object::ArchivedObject;
pub use records::RecordKind;
pub use subject::Subject;
pub use walk::{Finder, ObjectMatches, Progress};
pub use who::{Who, WhoError};
pub use why::Why;
