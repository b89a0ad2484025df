//! The end of a run: the parts of all its units, joined.
//!
//! Each part names the units that go on from it, so the walk from the first part comes by every unit
//! once. It goes twice: first until every part is there, then to join them. A walk that is long goes
//! on in another invocation, and a ledger that is long becomes several objects; none holds more than
//! one invocation can. Parts never change and a walk's steps are counted, so a step that is taken
//! twice writes the same object.

use shared::archive::layout;
use shared::jobs::{BackfillUnit, LedgerTotals, LedgerWalk, Run, UnitId};
use shared::ports::store::{Condition, PutResult};
use tracing::{info, warn};

use crate::ledger_line::{LedgerLine, State};
use crate::part::{Part, ROOT, jsonl, text_object};
use crate::retry::{self, Attempt};
use crate::send::send_jobs;
use crate::summary::Summary;
use crate::{BackfillError, Dependencies, run_metrics};

/// The most lines of one object: some ten megabytes.
const MAX_LINES: usize = 40_000;
/// The most parts that one invocation reads.
const MAX_PARTS: usize = 2_000;

/// Goes on with the walk, as far as one invocation can.
///
/// # Errors
/// [`BackfillError::Unfinished`] while a unit has not written its part.
pub(crate) async fn join(
    dependencies: &Dependencies,
    run: &Run,
    mut walk: LedgerWalk,
    attempt: Attempt,
) -> Result<(), BackfillError> {
    let mut lines = Vec::new();
    for parts_read in 0.. {
        let is_enough = parts_read >= MAX_PARTS || lines.len() >= MAX_LINES;
        if is_enough && !walk.units.is_empty() {
            break;
        }
        let Some(unit) = walk.units.pop() else {
            return if walk.joins_parts {
                finish(dependencies, run, &walk, lines).await
            } else {
                let walk = LedgerWalk { joins_parts: true, units: vec![UnitId::new(ROOT)], ..walk };
                continue_later(dependencies, run, walk).await
            };
        };
        match Part::of(&*dependencies.store, &run.id, &unit).await? {
            Some(part) => add_part(part, &mut walk, &mut lines),
            // It was silent already in the first walk.
            None if walk.joins_parts => {}
            None if retry::other_units_are_late(attempt, dependencies.clock.now()) => walk.silent.push(unit),
            None if parts_read == 0 => return Err(BackfillError::Unfinished),
            None => {
                walk.units.push(unit);
                break;
            }
        }
    }
    if walk.joins_parts {
        walk.objects += 1;
        write(dependencies, run, Some(walk.objects), &jsonl(&lines)).await?;
    }
    continue_later(dependencies, run, walk).await
}

/// Goes on from a part to the units that it names, and joins its lines.
fn add_part(part: Part, walk: &mut LedgerWalk, lines: &mut Vec<LedgerLine>) {
    walk.units.extend(part.units);
    if walk.joins_parts {
        part.lines.iter().for_each(|line| count(line, &mut walk.totals));
        lines.extend(part.lines);
    }
}

fn count(line: &LedgerLine, totals: &mut LedgerTotals) {
    let totalled = match line.state {
        State::Archived => &mut totals.archived,
        State::Short => &mut totals.short,
        State::Missing => &mut totals.missing,
        State::Pending => &mut totals.pending,
        State::Absent => &mut totals.absent,
        State::Lost => &mut totals.lost,
        State::Unreachable => &mut totals.unreachable,
        State::Doubtful => &mut totals.doubtful,
    };
    *totalled += 1;
    totals.not_found += u64::from(line.is_unknown());
    totals.reports += u64::from(line.report_id.is_some());
    totals.at_risk += u64::from(!line.risks.is_empty());
}

/// What is left goes into an invocation of its own.
async fn continue_later(
    dependencies: &Dependencies,
    run: &Run,
    walk: LedgerWalk,
) -> Result<(), BackfillError> {
    Ok(send_jobs(dependencies.queue_of(run), &[BackfillUnit::Ledger { run: run.clone(), walk }]).await?)
}

async fn finish(
    dependencies: &Dependencies,
    run: &Run,
    walk: &LedgerWalk,
    lines: Vec<LedgerLine>,
) -> Result<(), BackfillError> {
    let summary = Summary {
        run_id: run.id.clone(),
        purpose: run.purpose,
        since: run.since,
        until: run.until,
        is_complete: walk.totals.unaccounted() == 0 && walk.silent.is_empty(),
        totals: walk.totals,
        objects: walk.objects,
        silent: walk.silent.clone(),
    };
    let text = jsonl(&lines) + &summary.to_last_line();
    write(dependencies, run, None, &text).await?;
    run_metrics::count_ledger(dependencies, run, &summary).await?;
    log_totals(run, &summary);
    Ok(())
}

fn log_totals(run: &Run, summary: &Summary) {
    let LedgerTotals { reports, archived, missing, unreachable, at_risk, .. } = summary.totals;
    let totals = format!(
        "{reports} reports: {archived} archived, {missing} missing, {at_risk} at risk; {unreachable} sources unreachable"
    );
    if summary.is_complete {
        info!(run.id = run.id, "the ledger is written: {totals}");
    } else {
        warn!(
            run.id = run.id,
            silent = summary.silent.len(),
            "the ledger is written, and not everything is there: {totals}"
        );
    }
}

/// Writes an object of the ledger. Whoever comes second with the same walk has the same lines.
async fn write(
    dependencies: &Dependencies,
    run: &Run,
    number: Option<u32>,
    text: &str,
) -> Result<(), BackfillError> {
    let key = layout::ledger(&dependencies.tenant_id, run.began, &run.id, number);
    match dependencies.store.put(&key, text_object(text.to_owned()), Condition::IfAbsent).await? {
        PutResult::Stored | PutResult::ConditionFailed => Ok(()),
    }
}
