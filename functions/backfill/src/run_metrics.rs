//! What runs on a schedule count: alarms watch it, since nobody reads their lines.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shared::archive::layout;
use shared::jobs::{FetchJob, FetchTarget, LedgerSchedule, LedgerTotals, Purpose, Run};
use shared::lambda::metrics::{self, Metric};
use shared::ports::store::{Condition, Metadata, NewObject, PutResult};
use tracing::warn;

use crate::compare::UnitFindings;
use crate::ledger_line::State;
use crate::part::json;
use crate::summary::Summary;
use crate::unaccounted::Unaccounted;
use crate::{BackfillError, Dependencies, scopes};

/// Counts that a reconcile has begun: an alarm rings where none does.
pub(crate) fn count_run(now: Timestamp, run: &Run) {
    if run.purpose == Purpose::Reconcile {
        metrics::emit(now, &[Metric::count("ReconcilesBegun", 1)]);
    }
}

/// Counts the sessions that took place lately and of which no notification told: how many of the newest in a row.
/// One alone among others is a notification that was lost, and counts as none; two in a row, or all, are silence.
/// Where no session took place nothing is counted, be it a holiday or a Sunday; in a gap none is told of by rights.
pub(crate) fn count_untold(now: Timestamp, run: &Run, findings: &UnitFindings) {
    if run.purpose == Purpose::Reconcile && !scopes::is_gap(run) && !findings.lately.is_empty() {
        metrics::emit(now, &[Metric::count("SessionsUntold", untold(&findings.lately))]);
    }
}

fn untold(lately: &[(Timestamp, bool)]) -> usize {
    let mut newest_first = lately.to_vec();
    newest_first.sort_unstable_by_key(|(end, _)| std::cmp::Reverse(*end));
    let in_a_row = newest_first.iter().take_while(|(_, was_told)| !was_told).count();
    if in_a_row >= 2 || in_a_row == lately.len() { in_a_row } else { 0 }
}

/// Counts the reports that a unit of a reconcile found missing, be its scan at its end or not. A call's record that
/// is only to be kept is none.
pub(crate) fn count_missing(now: Timestamp, run: &Run, findings: &UnitFindings) {
    let is_report = |job: &&FetchJob| !matches!(job.target, FetchTarget::CallRecord { .. });
    let missing = findings.jobs.iter().filter(is_report).count();
    if run.purpose == Purpose::Reconcile && missing > 0 {
        metrics::emit(now, &[Metric::count("ReconcileMissing", missing)]);
    }
}

/// Counts what a unit of a reconcile could not look at: by outcome, and what there is altogether but for what Graph
/// does not know. A reconcile keeps no ledger that would tell.
pub(crate) fn count_unseen(now: Timestamp, run: &Run, findings: &UnitFindings) {
    if run.purpose != Purpose::Reconcile {
        return;
    }
    let mut by_outcome = BTreeMap::<&str, usize>::new();
    let mut unseen = 0;
    for line in findings.lines.iter().filter(|line| line.state == State::Unreachable) {
        *by_outcome.entry(line.outcome.as_deref().unwrap_or_default()).or_default() += 1;
        unseen += usize::from(!line.is_unknown());
    }
    for (outcome, number) in by_outcome {
        metrics::emit_outcome(now, outcome, &[Metric::count("ReconcileUnseen", number)]);
    }
    if unseen > 0 {
        metrics::emit(now, &[Metric::count("ReconcileUnseen", unseen)]);
    }
}

/// The latest ledger of a schedule: the one that the next is compared with.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Latest {
    /// The key of the object with the ledger's summary.
    ledger: String,
    /// When its run began (UTC).
    began: Timestamp,
}

/// Counts a ledger that a schedule had written: its totals, and what is new since the ledger before. It is counted
/// again where this stops half-way, and no more once it is the latest.
///
/// # Errors
/// The archive gave no answer, or refuses.
pub(crate) async fn count_ledger(
    dependencies: &Dependencies,
    run: &Run,
    summary: &Summary,
) -> Result<(), BackfillError> {
    let Some(schedule) = run.schedule else { return Ok(()) };
    let (store, tenant_id) = (&*dependencies.store, &dependencies.tenant_id);
    let ledger = layout::ledger(tenant_id, run.began, &run.id, None);
    let latest_key = layout::latest_ledger(tenant_id, schedule.name());
    let latest = store.get(&latest_key).await?;
    let previous = latest.as_ref().and_then(|object| serde_json::from_slice::<Latest>(&object.body).ok());
    if previous.as_ref().is_some_and(|previous| previous.ledger == ledger || previous.began > run.began) {
        return Ok(());
    }
    // Of what the ledger before told only fingerprints are kept: a year of a large tenant has millions of lines.
    let (mut told, mut new) = (BTreeSet::new(), Vec::new());
    if let Some(previous) = &previous {
        let keep = |line: Unaccounted| {
            told.insert(line.fingerprint());
        };
        Unaccounted::each_in_ledger(store, &previous.ledger, keep).await?;
    }
    let compare =
        |line: Unaccounted| new.extend(Some(line.state).filter(|_| !told.contains(&line.fingerprint())));
    Unaccounted::each_in_ledger(store, &ledger, compare).await?;
    emit_ledger(dependencies.clock.now(), schedule, summary, &new);
    let condition = match latest {
        Some(latest) => Condition::IfMatch(latest.head.etag),
        None => Condition::IfAbsent,
    };
    let text = json(&Latest { ledger, began: run.began });
    let object = NewObject::new(text, "application/json", Metadata::default());
    match store.put(&latest_key, object, condition).await? {
        PutResult::Stored => {}
        PutResult::ConditionFailed => warn!("two ledgers of one schedule ended at the same time"),
    }
    Ok(())
}

fn emit_ledger(now: Timestamp, schedule: LedgerSchedule, summary: &Summary, new: &[State]) {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let LedgerTotals { archived, short, missing, pending, absent, lost, unreachable, doubtful, .. } =
        summary.totals;
    let silent = summary.silent.len();
    metrics::emit_by(
        now,
        ("Schedule", schedule.name()),
        &[
            Metric::count("LedgersWritten", 1),
            Metric::count("LedgerArchived", count(archived)),
            Metric::count("LedgerShort", count(short)),
            Metric::count("LedgerPending", count(pending)),
            Metric::count("LedgerMissing", count(missing)),
            Metric::count("LedgerAbsent", count(absent)),
            Metric::count("LedgerLost", count(lost)),
            Metric::count("LedgerUnreachable", count(unreachable)),
            Metric::count("LedgerDoubtful", count(doubtful)),
            Metric::count("LedgerSilent", silent),
        ],
    );
    let new = |state: State| new.iter().filter(|new| **new == state).count();
    metrics::emit(
        now,
        &[
            Metric::count("LedgerNewMissing", new(State::Missing)),
            Metric::count("LedgerNewAbsent", new(State::Absent)),
            Metric::count("LedgerNewLost", new(State::Lost)),
            // What silent units would have looked at is not known.
            Metric::count("LedgerNewUnreachable", new(State::Unreachable) + silent),
        ],
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_where_the_newest_sessions_in_a_row_or_all_were_not_told_of() {
        let of = |told: &[bool]| {
            let ended = |minute: usize| Timestamp::from_second(60 * minute as i64).unwrap();
            untold(&told.iter().enumerate().map(|(minute, told)| (ended(minute), *told)).collect::<Vec<_>>())
        };
        assert_eq!([of(&[false]), of(&[true, false, false]), of(&[false, false, false])], [1, 2, 3]);
        assert_eq!([of(&[true]), of(&[true, false]), of(&[false, false, true])], [0, 0, 0]);
    }
}
