//! What is erased stays erased: a person's entries in what Graph sent are replaced by markers, and tombstones keep what Graph
//! answers later from bringing them back.
//!
//! ```text
//! text ─▶ entries (records, registrations, participants: where each stands)
//!          ─▶ identifiers of each ─▶ is there a tombstone? ─▶ a marker in its place; every other byte stays
//! ```
//!
//! Why it is done so, and in which order an erasure goes, is in `docs/adr/0018-what-is-erased-stays-erased.md`.

mod entries;
mod identifier;
mod marker;
mod reader;
mod redaction;
mod shape;
mod tombstones;

pub use entries::{Entry, entries};
pub use identifier::Identifier;
pub use marker::Marker;
pub use reader::{TombstoneError, TombstoneReader};
pub use redaction::{Redacted, differs_by_markers_alone, is_marker, redact};
pub use shape::{Shape, scope_of};
pub use tombstones::{Tombstone, TombstoneKey, Tombstones};
