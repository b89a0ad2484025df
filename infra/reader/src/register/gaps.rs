//! Sessions of which no report is kept, out of the ledgers.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use shared::model::comparable_id;

use crate::model::{LedgerEntry, LedgerState, Report};

/// The entries that are a column: each with a start, once, as the latest ledger has it, and without a report that is kept
/// by now. A session without a report is one that is kept where it began in the report's time, or up to `within` before.
pub(super) fn gaps(
    entries: Vec<LedgerEntry>,
    reports: &[Report],
    within: SignedDuration,
) -> Vec<LedgerEntry> {
    let mut latest: BTreeMap<(String, Option<String>, Option<String>), LedgerEntry> = BTreeMap::new();
    for entry in entries {
        let key = (entry.source.clone(), entry.report_id.clone(), entry.session_id.clone());
        let is_later = latest.get(&key).is_none_or(|known| known.as_of <= entry.as_of);
        if is_later {
            latest.insert(key, entry);
        }
    }
    let is_gap = |entry: &LedgerEntry| {
        let is_kept = reports.iter().any(|report| is_of(entry, report, within));
        !matches!(entry.state, LedgerState::Archived | LedgerState::Short)
            && entry.start.is_some()
            && !is_kept
    };
    let mut gaps: Vec<LedgerEntry> = latest.into_values().filter(is_gap).collect();
    gaps.sort_by_key(|entry| entry.start);
    gaps
}

fn is_of(entry: &LedgerEntry, report: &Report, within: SignedDuration) -> bool {
    if let Some(id) = &entry.report_id {
        return comparable_id(id) == comparable_id(&report.id);
    }
    let began_within = entry
        .start
        .zip(report.span)
        .is_some_and(|(start, span)| start <= span.end && span.start.duration_since(start) <= within);
    entry.source == report.source && began_within
}
