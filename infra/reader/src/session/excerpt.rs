//! What an excerpt of a session's records tells.

use super::attendance::is_names_only;
use crate::model::{IdentityKind, Kind, Record, Report};
use crate::rules::Rules;

/// Whether a session made of an excerpt of its reports has the same to say of one person as the whole session: an excerpt is all of
/// the session's reports, with the records of this person, and of all who have an address of this person or of one another.
///
/// It takes the whole where registrations lead to addresses, where people were told to be the same, where a record's place tells who it
/// is, where only all records together have the session's times, and where others may have times though these have none.
pub fn excerpt_suffices(excerpt: &[Report], rules: &Rules) -> bool {
    let is_known = |record: &Record| record.identity == IdentityKind::User || record.address.is_some();
    let is_plain = |report: &Report| {
        report.series.kind == Kind::Meeting
            && report.records.iter().all(is_known)
            && !is_names_only(&report.records)
    };
    rules.same.is_empty()
        && excerpt.iter().all(is_plain)
        && excerpt.iter().any(|report| report.span.is_some())
}
