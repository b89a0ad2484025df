//! The ledgers of audits, compared with the archive and with what Graph lists.

use std::collections::BTreeSet;

use backfill::{LedgerLine, State};
use graph_sim::{Manner, TENANT_ID};
use serde_json::Value;

use crate::tenant::{Session, SessionOwner};
use crate::world::World;

/// What the ledgers tell of what they could not see.
#[derive(Debug, Default)]
pub(crate) struct Audits {
    /// How many have seen everything.
    pub(crate) seen_all: usize,
    /// Whether there is none, for which the alarm `NoLedger` rings.
    is_absent: bool,
    /// Whether one has a source that could not be looked at.
    has_unreachable: bool,
    /// Whether one has a list of events that is empty, be there events or not.
    has_doubtful: bool,
}

impl Audits {
    /// Whether a session may be absent from the archive, for Graph hid it for ever and a ledger says so.
    pub(crate) fn tell_of_unseen(&self, session: &Session, manners: &[Manner]) -> bool {
        let is_event = matches!(session.owner, SessionOwner::Event(..));
        let has_unseen = self.has_unreachable || self.is_absent;
        let hides_events = manners.contains(&Manner::EventsAreInvisible);
        ((has_unseen || self.has_doubtful) && is_event && hides_events)
            || (has_unseen && manners.contains(&Manner::SecondPagesFail))
            // Where each unit is tried for a day, one with many faults may end before it looked at all it had.
            || (self.is_absent && manners.contains(&Manner::OddEntries))
    }
}

/// Verifies the ledgers: a report that is listed as archived must be in the archive, and one that has seen everything
/// must list every report that Graph lists.
pub(crate) fn verify_audits(world: &World, sessions: &[Session]) -> Audits {
    let ledgers = world.bucket().below("audits/");
    let reports: BTreeSet<String> =
        world.bucket().below("reports/").into_iter().map(|(key, _)| key).collect();
    let mut audits = Audits { is_absent: ledgers.is_empty(), ..Audits::default() };
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
        let is_doubtful = summary["totals"]["doubtful"] != 0;
        audits.has_unreachable |= summary["totals"]["unreachable"] != 0;
        audits.has_doubtful |= is_doubtful;
        if !has_seen_all {
            continue;
        }
        audits.seen_all += 1;
        let in_ledger: BTreeSet<&str> = lines.iter().filter_map(|line| line.report_id.as_deref()).collect();
        let now = world.scheduler.now();
        let is_in_doubt = |session: &Session| is_doubtful && matches!(session.owner, SessionOwner::Event(..));
        let is_listed =
            |session: &&Session| session.listed_at().is_some_and(|at| at < now) && !is_in_doubt(session);
        let missing = sessions.iter().filter(is_listed);
        for session in missing.filter(|session| !in_ledger.contains(session.report_id.as_str())) {
            world.oracle.violation(format!("{key} has seen everything, but not {}", session.report_id));
        }
    }
    audits
}
