//! The ledgers of audits, compared with the archive and with what Graph lists.

use std::collections::BTreeSet;

use backfill::{LedgerLine, State};
use graph_sim::TENANT_ID;
use serde_json::Value;

use crate::tenant::Session;
use crate::world::World;

/// Verifies the ledgers: a report that is listed as archived must be in the archive, and one that has seen everything
/// must list every report that Graph lists. Returns how many have seen everything.
pub(crate) fn verify_audits(world: &World, sessions: &[Session]) -> usize {
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
                world
                    .oracle
                    .violation(format!("{key}: {:?} is listed as archived, and is not", line.report_id));
            }
        }
        let summary: Value = serde_json::from_str(summary).unwrap_or_default();
        let summary = &summary["summary"];
        for (total, state) in [("archived", State::Archived), ("missing", State::Missing)] {
            if summary["totals"][total] != lines.iter().filter(|line| line.state == state).count() {
                world.oracle.violation(format!("{key}: the total of {total} differs from the lines"));
            }
        }
        // Everything was seen, be something missing: then each report that Graph lists must be a line.
        let has_seen_all =
            summary["totals"]["unreachable"] == 0 && summary["silent"].as_array().is_some_and(Vec::is_empty);
        if !has_seen_all {
            continue;
        }
        complete += 1;
        let in_ledger: BTreeSet<&str> = lines.iter().filter_map(|line| line.report_id.as_deref()).collect();
        let now = world.scheduler.now();
        let is_listed = |session: &&Session| session.listed_at().is_some_and(|at| at < now);
        let missing = sessions.iter().filter(is_listed);
        for session in missing.filter(|session| !in_ledger.contains(session.report_id.as_str())) {
            world.oracle.violation(format!("{key} has seen everything, but not {}", session.report_id));
        }
    }
    complete
}
