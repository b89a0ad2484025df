//! What the writer is told.

use jiff::Timestamp;
use shared::ports::store::ObjectVersion;
use tokio::sync::OwnedSemaphorePermit;

use crate::index::archived::{Event, Ledger, LedgerLine, Registration, Report};

/// A change of the index.
pub(super) enum Change {
    /// The archive has no such object any more.
    Gone(String),
    /// An object was read.
    Read(Box<ReadObject>),
    /// An object is read anew: what was known by it is forgotten before its first lines come.
    Anew(String),
    /// Some lines of a ledger, of which more follow.
    LedgerLines(Ledger, Vec<LedgerLine>),
    /// The archive was listed to its end.
    Listed(Timestamp),
}

/// An object that was read, and what it is.
pub(super) struct ReadObject {
    pub(super) object: ObjectVersion,
    pub(super) content: Content,
    /// Until it is written, nothing else is read in its place.
    pub(super) _permits: [OwnedSemaphorePermit; 2],
}

/// What an object is.
pub(super) enum Content {
    Report(Report),
    Event(Event),
    Registrations(Vec<Registration>),
    Ledger(Ledger, Vec<LedgerLine>),
    /// It names the last ledger of a schedule.
    Schedule(String),
    /// Its key is all that is known.
    Key,
    /// It could not be read, and why.
    Unreadable(&'static str),
}
