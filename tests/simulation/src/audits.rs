//! What audits found, against what is true.

use std::collections::BTreeSet;

use backfill::{LedgerLine, State};
use graph_sim::TENANT_ID;
use serde_json::Value;

use crate::tenant::Session;
use crate::world::World;

/// Looks through the ledgers: what is said to be archived must be, and one that is said to be complete
/// must tell of every report that Graph lists. Answers how many are complete.
pub(crate) fn judge_audits(world: &World, sessions: &[Session]) -> usize {
    let ledgers = world.bucket().below("audits/");
    let reports: BTreeSet<String> =
        world.bucket().below("reports/").into_iter().map(|(key, _)| key).collect();
    let mut complete = 0;
    for (key, ledger) in ledgers {
        let text = String::from_utf8_lossy(&ledger.body).into_owned();
        let (lines, summary) = text.trim_end().rsplit_once('\n').unwrap_or(("", text.trim_end()));
        let lines: Vec<LedgerLine> =
            lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        for line in lines.iter().filter(|line| line.state == State::Archived) {
            if line.report_key(TENANT_ID).is_none_or(|key| !reports.contains(&key)) {
                world.oracle.broken(format!("{key} says that {:?} is archived", line.report_id));
            }
        }
        let summary: Value = serde_json::from_str(summary).unwrap_or_default();
        let summary = &summary["summary"];
        for (total, state) in [("archived", State::Archived), ("missing", State::Missing)] {
            if summary["totals"][total] != lines.iter().filter(|line| line.state == state).count() {
                world.oracle.broken(format!("{key} does not count what it tells as {total}"));
            }
        }
        if summary["isComplete"] != true {
            continue;
        }
        complete += 1;
        let told: BTreeSet<&str> = lines.iter().filter_map(|line| line.report_id.as_deref()).collect();
        let now = world.scheduler.now();
        let listed =
            sessions.iter().filter(|session| session.end.checked_add(session.late).is_ok_and(|at| at < now));
        for session in listed.filter(|session| !told.contains(session.id.as_str())) {
            world.oracle.broken(format!("{key} is complete, and does not tell of {}", session.id));
        }
    }
    complete
}
