//! The days, and the sessions of a day, as files.

use crate::files::table::Value;
use crate::index::LedgerDay;
use crate::model::{LedgerEntry, LedgerState};
use crate::pages::params::Params;

pub(super) const ENTRY: [&str; 9] =
    ["State", "Start", "Title", "Source", "Report id", "Session id", "Outcome", "Remedy", "As of"];

pub(super) fn entry_fields(entry: &LedgerEntry) -> Vec<Value> {
    vec![
        Value::from(state_name(entry.state)),
        Value::time(entry.start),
        Value::text(entry.title.as_ref()),
        Value::from(entry.source.clone()),
        Value::string(entry.report_id.as_ref()),
        Value::string(entry.session_id.as_ref()),
        Value::string(entry.outcome.as_ref()),
        Value::string(entry.remedy.as_ref()),
        Value::time(Some(entry.as_of)),
    ]
}

pub(super) const DAY: [&str; 9] =
    ["Day", "Archived", "Pending", "Short", "Doubtful", "Absent", "Missing", "Lost", "Not looked at"];

pub(super) fn day_fields(day: &LedgerDay) -> Vec<Value> {
    let of = |state: LedgerState| {
        Value::count(day.counts.iter().filter(|(one, _)| *one == state).map(|(_, count)| count).sum())
    };
    use LedgerState::{Absent, Archived, Doubtful, Lost, Missing, Pending, Short};
    let counts = [Archived, Pending, Short, Doubtful, Absent, Missing, Lost].map(of);
    let unlooked = Value::yes(day.has_unreachable);
    std::iter::once(Value::from(day.day.to_string())).chain(counts).chain([unlooked]).collect()
}

/// The state's name in the ledger.
fn state_name(state: LedgerState) -> String {
    format!("{state:?}").to_lowercase()
}

/// The links to the files.
pub(super) fn links(params: &Params, day: (&str, &str)) -> [(&'static str, String); 2] {
    [("CSV", "csv"), ("JSON", "json")]
        .map(|(label, format)| (label, params.to("/completeness", &[("format", format), day])))
}
